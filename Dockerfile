# The server in a container: no root, nothing written but /data.
# docker build -t tocsin .
# docker run --name tocsin -p 127.0.0.1:4319:4319 -v tocsin:/data --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --stop-timeout 15 tocsin
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/core/package.json packages/core/
COPY packages/server/package.json packages/server/
COPY packages/dashboard/package.json packages/dashboard/
COPY test/otel3/package.json test/otel3/
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY tsconfig.json ./
COPY packages packages
# Of the optional ones the native half of a dependency stays. Node itself is there already. What the lock file calls devOptional are tools of ours
# that a dependency could work with; npm leaves them.
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf $(node -p "Object.entries(require('./package-lock.json').packages).filter(([, one]) => one.devOptional).map(([path]) => path).join(' ')") \
  && rm -rf node_modules/node-linux-* node_modules/@tocsin/dashboard node_modules/tocsin-test-otel3 packages/*/src packages/*/*.config.ts packages/*/tsconfig*.json packages/dashboard \
  && find node_modules/.bin -xtype l -delete \
  && chmod +x packages/core/dist/commands/main.js

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY LICENSE ./
COPY --from=build /app/node_modules node_modules
# With the dependencies that a package has in a version of its own.
COPY --from=build /app/packages packages
RUN mkdir -m 0700 /data && chown node:node /data && ln -s /app/packages/core/dist/commands/main.js /usr/local/bin/tocsin
# A tocsin.yaml that is mounted here is read.
WORKDIR /etc/tocsin
USER node
VOLUME /data
EXPOSE 4319
# Whoever serves TLS or another port in the container says how it is asked: docker run --health-cmd.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:4319/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Beyond loopback inside the container alone: what is published, and TLS before it, is decided where the container is run.
# Node would take three times as much memory for what is young, and be no faster (npm run bench -- otlp).
ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/packages/core/dist/commands/main.js"]
CMD ["serve", "--log-level", "info", "--host", "0.0.0.0", "--behind-proxy", "--data", "/data"]

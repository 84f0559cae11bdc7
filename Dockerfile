# The server in a container: no root, nothing written but /data.
# docker build -t tocsin . && docker run -p 127.0.0.1:4319:4319 -v tocsin:/data --read-only --tmpfs /tmp tocsin
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
# Node itself is there already; what is left of the optional ones is the native half of a dependency.
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* packages/*/src packages/*/*.config.ts packages/*/tsconfig*.json packages/dashboard

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
# With the dependencies that a package has in a version of its own.
COPY --from=build /app/packages packages
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4319
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:4319/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Beyond loopback inside the container alone: what is published, and TLS before it, is decided where the container is run.
# Node would take three times as much memory for what is young, and be no faster (npm run bench -- otlp).
ENTRYPOINT ["node", "--max-semi-space-size=16", "packages/core/dist/commands/main.js"]
CMD ["serve", "--log-level", "info", "--host", "0.0.0.0", "--behind-proxy", "--data", "/data"]

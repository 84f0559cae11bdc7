import { defineConfig } from 'rolldown'

/** The package as it is published; what it depends on stays outside. See docs/adr/0025-the-package-is-bundled.md. */
export default defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  // Everything of others, whether from npm or from Node.
  external: /^[^./]/,
  output: { dir: 'dist', cleanDir: true, format: 'esm', chunkFileNames: '[name].js' },
})

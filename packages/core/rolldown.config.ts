import { defineConfig } from 'rolldown'

/**
 * The package as it is published, in a few files: reading and resolving some sixty small ones took most of `import 'tocsin'`.
 * What it depends on stays outside. See docs/adr/0025-the-package-is-bundled.md.
 */
export default defineConfig({
  input: { index: 'src/index.ts', 'engine-door': 'src/engine-door.ts', 'thread-worker': 'src/thread-worker.ts', 'commands/main': 'src/commands/main.ts' },
  platform: 'node',
  // Everything of others, whether from npm or from Node.
  external: /^[^./]/,
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    // All in one folder: files that are looked up beside another one, such as the thread's, are found from every piece.
    chunkFileNames: '[name].js',
  },
})

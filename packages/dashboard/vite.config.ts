import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `npm run dev` finds a server. */
const server = 'http://127.0.0.1:4319'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The oldest that know `light-dark()`: for older ones it would be rewritten to what our root does not set.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    manifest: true,
    // Said by the browser suite, with compression, where it matters.
    reportCompressedSize: false,
    // Nothing inline: the policy of the page allows scripts of files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server, '/openapi.json': server } },
})

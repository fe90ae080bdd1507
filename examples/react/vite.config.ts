import { defineConfig } from 'vite'

export default defineConfig({
  build: {
    target: 'es2022',
    // The always-on node serves pages under a strict policy: nothing inline, and workers are files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_200,
  },
})

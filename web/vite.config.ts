import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { runtimePlugin } from '../scripts/build/runtime-plugin.js'
import { workerUrls } from './worker-urls.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** `npx vite web` develops against an always-on node at its usual port (`npm start`). */
export default defineConfig(({ command }) => ({
  root: path('.'),
  define: {
    'import.meta.env.HYPHA_SERVER':
      command === 'serve' ? JSON.stringify('http://127.0.0.1:4280') : 'undefined',
  },
  plugins: [workerUrls(), runtimePlugin()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      { find: /^hypha-runtime$/, replacement: path('../src/index.ts') },
      { find: /^hypha-runtime\/inspector$/, replacement: path('../src/ui-bridge/inspector/index.ts') },
      { find: /^hypha-runtime\/store$/, replacement: path('../src/ui-bridge/store/index.ts') },
    ],
  },
  build: {
    target: 'es2022',
    outDir: path('../dist/web'),
    emptyOutDir: true,
    // The page's policy knows no data: scripts, and browsers that know these modules preload them by themselves.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The runtime is most of it, and needed from the start.
    chunkSizeWarningLimit: 1_200,
    // The store's 'use client' is for other bundlers.
    rolldownOptions: { checks: { pluginTimings: false, moduleLevelDirective: false } },
  },
}))

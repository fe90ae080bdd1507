import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { runtimePlugin } from '../scripts/build/runtime-plugin.js'
import { statecharts } from './statecharts.js'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** `npx vite inspector` develops; a recorded session is opened by dropping it onto the page. */
export default defineConfig(({ command }) => ({
  root: path('.'),
  // Served below /inspect of an always-on node, whose own app has the root.
  base: command === 'serve' ? '/' : '/inspect/',
  plugins: [statecharts(), runtimePlugin()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: path('../dist/inspector'),
    emptyOutDir: true,
    // The page's policy knows no data: scripts, and browsers that know these modules preload them by themselves.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { checks: { pluginTimings: false } },
  },
}))

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { smallerLibsodium } from './smaller-libsodium.js'
import { buildWorker } from './worker.js'

const require = createRequire(import.meta.url)
const shim = (name: string): string => fileURLToPath(new URL(`shims/${name}`, import.meta.url))

/** The modules of Node that the runtime and its engine ask for, and those of the engine that a page can spare. */
const ALIASES: Readonly<Record<string, string>> = {
  buffer: require.resolve('buffer/'),
  events: require.resolve('events/'),
  path: require.resolve('path-browserify'),
  stream: shim('stream.ts'),
  util: shim('util.cjs'),
  inherits: require.resolve('inherits/inherits_browser.js'),
  'sodium-universal': shim('sodium-universal.cjs'),
  'random-access-file': shim('random-access-file.cjs'),
}

/** What is a global in Node, as imports: nothing of it shows outside of the bundle. */
const INJECT = {
  Buffer: [ALIASES.buffer!, 'Buffer'] as [string, string],
  process: [shim('process.ts'), 'default'] as [string, string],
}
const TRANSFORM = { inject: INJECT, define: { global: 'globalThis' } }

const SOURCE = /\?source$/

/** The file that an import of `./x.js` means in a browser: `x.browser.ts` if there is one. */
const findTwin = (file: string): string | undefined => {
  const twin = file.replace(/(\.browser)?\.[jt]s$/, '.browser.ts')
  return existsSync(twin) ? twin : undefined
}

/**
 * Lets a page be built straight from `src/`: an import of `./x.js` means `x.browser.ts` where that is, modules and globals of
 * Node are small shims, and `./w.js?source` is the text of the classic worker `w.browser.ts` with all that it imports.
 */
export const runtimePlugin = (): Plugin[] => [
  {
    name: 'hypha-runtime:shims',
    config: () => ({
      resolve: {
        alias: Object.entries(ALIASES).map(([name, replacement]) => ({
          find: new RegExp(`^(node:)?${name}/?$`),
          replacement,
        })),
      },
      build: { rolldownOptions: { transform: TRANSFORM } },
      optimizeDeps: { rolldownOptions: { transform: TRANSFORM } },
    }),
  },
  {
    name: 'hypha-runtime:twins',
    enforce: 'pre',
    async resolveId(specifier, importer) {
      if (!importer || !specifier.startsWith('.') || importer.includes('/node_modules/')) return null
      const path = fileURLToPath(
        new URL(specifier.replace(SOURCE, ''), `file://${importer.replace(/\?.*$/, '')}`),
      )
      const twin = findTwin(path)
      if (SOURCE.test(specifier)) return twin ? `${twin}?source` : null
      return twin ?? null
    },
    async load(id) {
      if (!SOURCE.test(id)) return null
      const file = id.replace(SOURCE, '')
      this.addWatchFile(file)
      return `export default ${JSON.stringify(await buildWorker(file))}`
    },
  },
  {
    // Built, the bundler puts these in everywhere; while developing only in packages, so the sources are seen to here.
    name: 'hypha-runtime:globals',
    apply: 'serve',
    transform(code, id) {
      if (id.includes('/node_modules/') || !/\/src\/.*\.ts$/.test(id) || !/\bBuffer\b/.test(code)) return null
      return { code: `import { Buffer } from ${JSON.stringify(ALIASES.buffer)};${code}`, map: null }
    },
  },
  smallerLibsodium(),
]

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { noticesPlugin } from './notices.js'
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
  // Node's, on top of Buffer: its own for browsers gives other arrays than the engine is tested with, and is larger.
  b4a: require.resolve('b4a'),
  inherits: require.resolve('inherits/inherits_browser.js'),
  'sodium-universal': shim('sodium-universal.cjs'),
  // All that sodium-universal is in a browser, for pages under development.
  'sodium-javascript': shim('sodium-universal.cjs'),
  'random-access-file': shim('random-access-file.cjs'),
  // With the streams and buffers that it was made with.
  'simple-peer': require.resolve('simple-peer/simplepeer.min.js'),
}

/** What is a global in Node, as imports: nothing of it shows outside of the bundle. */
const INJECT = {
  Buffer: [ALIASES.buffer!, 'Buffer'] as [string, string],
  process: [shim('process.ts'), 'default'] as [string, string],
}
const TRANSFORM = { inject: INJECT, define: { global: 'globalThis' } }

/** CommonJS packages that sources use through what this plugin puts in, so that nobody finds them by looking. */
const SHARED = ['buffer', 'readable-stream', 'sodium-universal']

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
    config: (_, { command }) => ({
      resolve: {
        alias: Object.entries(ALIASES)
          // While developing, sources and packages share the one that is bundled beforehand.
          .filter(([name]) => command === 'build' || !SHARED.includes(name))
          .map(([name, replacement]) => ({ find: new RegExp(`^(node:)?${name}/?$`), replacement })),
      },
      build: { rolldownOptions: { transform: TRANSFORM } },
      optimizeDeps: { include: SHARED, rolldownOptions: { transform: TRANSFORM } },
    }),
  },
  {
    name: 'hypha-runtime:twins',
    enforce: 'pre',
    async resolveId(specifier, importer) {
      // What has a shim has become that by now.
      if (specifier.startsWith('node:')) {
        throw new Error(`${importer} imports ${specifier}, which no page has: it needs a twin, x.browser.ts.`)
      }
      if (!importer || !specifier.startsWith('.') || importer.includes('/node_modules/')) return null
      const path = resolve(dirname(importer.replace(/\?.*$/, '')), specifier.replace(SOURCE, ''))
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
      return { code: `import { Buffer } from 'buffer';${code}`, map: null }
    },
  },
  smallerLibsodium(),
  noticesPlugin(),
]

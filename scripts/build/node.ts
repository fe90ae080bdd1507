import { rm, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'
import { noticesPlugin } from './notices.js'
import { smallerLibsodium } from './smaller-libsodium.js'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))
const shim = (name: string): string => fileURLToPath(new URL(`shims/${name}`, import.meta.url))

/** What the engine must not take from wherever it is installed, and what of it nobody asks for. */
const ALIASES = Object.entries({
  'sodium-universal': shim('sodium-universal.cjs'),
  'random-access-file': shim('random-access-file.cjs'),
  'fd-lock': shim('random-access-file.cjs'),
})

/** A module of Node as packages of CommonJS ask for it, and as the import that it becomes. */
const AS_COMMON_JS = /^hypha-runtime:common-js\/(.*)$/
const AS_IMPORT = /^hypha-runtime:import\/(.*)$/

/**
 * `require('events')` in a package becomes an import of `node:events`: whoever bundles the bundle again, into CommonJS too, finds
 * nothing in it that only works from a file.
 */
const builtIns = (): Plugin => ({
  name: 'hypha-runtime:built-ins',
  enforce: 'pre',
  resolveId(specifier, importer) {
    if (AS_IMPORT.test(specifier)) return `\0${specifier}`
    const name = specifier.replace(/^node:/, '')
    if (!builtinModules.includes(name)) return null
    return importer?.includes('/node_modules/')
      ? `\0hypha-runtime:common-js/${name}`
      : { id: `node:${name}`, external: true }
  },
  load(id) {
    const [, required] = AS_COMMON_JS.exec(id.slice(1)) ?? []
    if (required) return `module.exports = require('hypha-runtime:import/${required}').default`
    const [, imported] = AS_IMPORT.exec(id.slice(1)) ?? []
    return imported ? `export { default } from 'node:${imported}'` : null
  },
})

/** One module for Node, with all that it imports. */
const bundle = async (file: string, format: 'es' | 'cjs'): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [builtIns(), smallerLibsodium(), noticesPlugin()],
    resolve: {
      alias: ALIASES.map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement })),
    },
    ssr: { noExternal: true },
    build: {
      ssr: file,
      write: false,
      target: 'node20',
      rolldownOptions: { checks: { pluginTimings: false }, output: { format, codeSplitting: false } },
    },
  })
  const [output] = Array.isArray(result) ? result : [result]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (!chunk) throw new Error(`${file} could not be built.`)
  return chunk.code
}

/**
 * What of the compiled library is put in its place for Node: the engine with all that it stands on, and the text of the worker that
 * derives keys, which a bundle could not find as a file.
 */
export const buildForNode = async (dist: string): Promise<void> => {
  const engine = await bundle(source('adapters/database/engine.ts'), 'es')
  await writeFile(join(dist, 'adapters/database/engine.js'), engine)
  const worker = await bundle(source('adapters/crypto/argon2-worker.js'), 'cjs')
  await writeFile(
    join(dist, 'adapters/crypto/argon2-source.js'),
    `export const argon2Source = ${JSON.stringify(worker)}\n`,
  )
  await rm(join(dist, 'adapters/crypto/argon2-worker.js'))
}

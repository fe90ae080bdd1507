/**
 * Runs hyperdb's own published tests with our mending loaded: `node --import tsx run-hyperdb-suite.ts`.
 *
 * Loaded are fast-sodium and the whole of MendedHyperdb but its `lengthOf`: the suite replicates and reads at once, without
 * our reader that tells hyperdb what has been folded, so lengths stay hyperdb's own. With it are left out: reads that don't
 * wait, the check of pointers, writing without a trie, and announcing after storing. The guarded stream is not used either,
 * because the suite replicates without `live`, which a Database never does.
 */
import { readdirSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'
import { MendedHyperdb } from '../../../src/adapters/database/mended-hyperdb.js'

const require = createRequire(import.meta.url)
const hyperdb = require.resolve('hyperdb')
require(hyperdb)

const create = (...args: ConstructorParameters<typeof MendedHyperdb>) => new MendedHyperdb(...args)
const loaded = require.cache[hyperdb]
if (!loaded) throw new Error('hyperdb is not where it was loaded from')
loaded.exports = create

// Formatters, which a failing fuzz test prints its case with.
for (const name of ['prettier', 'standard']) {
  const path = join(dirname(hyperdb), 'node_modules', `${name}.js`)
  const stub = new Module(path)
  stub.exports = {
    format: (source: string) => source,
    lintTextSync: (output: string) => ({ results: [{ output }] }),
  }
  stub.loaded = true
  require.cache[path] = stub
}
const formatters = new Map(
  ['prettier', 'standard'].map((name) => [name, join(dirname(hyperdb), 'node_modules', `${name}.js`)]),
)
const resolver: { _resolveFilename?: (request: string, ...rest: unknown[]) => string } = Object(Module)
const resolve = resolver._resolveFilename
resolver._resolveFilename = (request, ...rest) =>
  formatters.get(request) ?? resolve?.call(Module, request, ...rest) ?? request

await fastSodium()
const tests = join(dirname(hyperdb), 'test')
for (const file of readdirSync(tests).sort()) if (file.endsWith('.js')) require(join(tests, file))

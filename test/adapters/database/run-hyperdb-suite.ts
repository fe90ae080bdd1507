/**
 * Runs hyperdb's own published tests with our mending loaded. Needs NODE_PATH to hold `./stubs`.
 *
 * Loaded are fast-sodium and the whole of MendedHyperdb but its `lengthOf`: the suite replicates and reads at once, without
 * our reader that tells hyperdb what has been folded, so lengths stay hyperdb's own. With it are left out: reads that don't
 * wait, the check of pointers, writing without a trie, and announcing after storing. The guarded stream is not used either,
 * because the suite replicates without `live`, which a Database never does.
 */
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fastSodium } from '../../../src/adapters/database/fast-sodium.js'
import { MendedHyperdb } from '../../../src/adapters/database/mended-hyperdb.js'

const require = createRequire(import.meta.url)
const hyperdb = require.resolve('hyperdb')
const loaded = require.cache[hyperdb]
if (!loaded) throw new Error('hyperdb was not loaded from where its tests will look')
loaded.exports = (...args: ConstructorParameters<typeof MendedHyperdb>) => new MendedHyperdb(...args)

await fastSodium()
const tests = join(dirname(hyperdb), 'test')
for (const file of readdirSync(tests).sort()) if (file.endsWith('.js')) require(join(tests, file))

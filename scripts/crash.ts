/** Kills nodes, always-on nodes and browsers that write: `npm run test:crash -- --kills 100`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../src/testing/random.js'
import { crash } from '../test/crash/crash.js'
import { ensureChromium } from './test/chromium.js'

const HELP = `SIGKILLs a node that writes and replicates, the always-on node beside it, and a browser that writes, at random moments.
Opens each again, which goes on writing where it was.

npm run test:crash -- [options]
  --kills N     100 unless given
  --seed N      of the moments; by the clock unless given
  --no-browser  nodes and always-on nodes alone
  --help

lost: an acknowledged write that is nowhere. corrupt: what does not open, tells of damage, or differs between nodes. Exits 1 for either.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000) % 1_000_000) },
    'no-browser': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [kills, seed] = [Number(values.kills), Number(values.seed)]
const isUsable = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed)
if (values.help || !isUsable) {
  say(HELP)
  process.exit(values.help ? 0 : 2)
}
const withBrowser = !values['no-browser']
const unavailable = withBrowser ? await ensureChromium(process.cwd(), say) : undefined
if (unavailable) {
  say(unavailable)
  process.exit(2)
}

const directory = await mkdtemp(join(tmpdir(), 'hypha-crash-'))
say(`seed ${seed}`)
try {
  const { lost, corrupt } = await crash({
    directory,
    kills,
    random: createRandom(seed),
    withBrowser,
    onKill: (kill, what, acknowledged) =>
      say(`${kill}/${kills} ${what}; ${acknowledged} writes acknowledged`),
  })
  for (const key of lost.slice(0, 20)) say(`lost: ${key}`)
  for (const what of corrupt.slice(0, 20)) say(`corrupt: ${what}`)
  say(`kills ${kills}, lost ${lost.length}, corrupt ${corrupt.length}`)
  process.exitCode = lost.length + corrupt.length === 0 ? 0 : 1
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** What a disk may do to every file of a store, one damage at a time: `npm run test:damage`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DEVICES, makeHome } from '../test/damage/home.js'
import { damagesOf, filesOf } from '../test/damage/kinds.js'
import { type Outcome, suffer } from '../test/damage/suffer.js'

const HELP = `Damages each file of a laptop, a phone and an always-on node, one at a time: gone, emptied, cut, its end lost, bits flipped.
Opens what is left beside the others, and looks what comes of it.

npm run test:damage -- [options]
  --seed N     where bits flip; by the clock unless given
  --only TEXT  only files whose path has it, as laptop/ or bitfield
  --together N at once; 2 unless given
  --help

harmless: nothing was wrong at any time, as where the bit is one that nobody reads. Exits 1 if anything was silent.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000) % 1_000_000) },
    only: { type: 'string', default: '' },
    together: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  say(HELP)
  process.exit(0)
}
const seed = Number(values.seed)
const together = Number(values.together)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(together) || together < 1) {
  say(HELP)
  process.exit(2)
}

const directory = await mkdtemp(join(tmpdir(), 'hypha-damage-'))
const counts: Record<Outcome['kind'], number> = { repaired: 0, refused: 0, harmless: 0, silent: 0 }
try {
  say(`seed ${seed}`)
  const home = await makeHome(join(directory, 'home'))
  const cases = DEVICES.flatMap((device) =>
    filesOf(join(home.directory, device))
      .filter((file) => `${device}/${file}`.includes(values.only))
      .flatMap((file) =>
        damagesOf(join(home.directory, device, file), seed).map((damage) => ({ device, file, damage })),
      ),
  )
  let next = 0
  const worker = async () => {
    for (let at = next++; at < cases.length; at = next++) {
      const { device, file, damage } = cases[at]!
      const outcome = await suffer(home, device, file, damage, join(directory, `copy-${at}`))
      counts[outcome.kind]++
      const told = [...new Set(outcome.told)].join(' ')
      const place = `${device}/${file}`.replace(/[\da-f]{16,}/g, (hex) => `${hex.slice(0, 6)}…`)
      say(
        `${at + 1}/${cases.length} ${outcome.kind.padEnd(8)} ${place}: ${damage.what} ${told} ${outcome.why ?? ''}`,
      )
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}
const { repaired, refused, harmless, silent } = counts
const all = repaired + refused + harmless + silent
say(
  `damages ${all}, detected ${repaired + refused}, repaired ${repaired}, refused ${refused}, harmless ${harmless}, silent ${silent}`,
)
process.exitCode = silent === 0 ? 0 : 1

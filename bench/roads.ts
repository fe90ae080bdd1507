/** What roads cost, and how soon they are there again after they broke. See the files in roads/ for how each is measured. */
import { benchFanIn } from './roads/fan-in.js'
import { benchReconnect } from './roads/reconnect.js'
import { benchCycles, benchHeal } from './roads/runs.js'
import { benchSwitch } from './roads/switch.js'

type Row = Readonly<Record<string, string | number | undefined>>

interface Part {
  readonly name: string
  readonly run: (progress: (line: string) => void, pairs: number | undefined) => Promise<readonly Row[]>
}

const PARTS: readonly Part[] = [
  { name: 'reconnect', run: benchReconnect },
  { name: 'switch', run: benchSwitch },
  { name: 'heal', run: benchHeal },
  { name: 'fan-in', run: (progress) => benchFanIn(progress) },
  { name: 'cycles', run: benchCycles },
]

const progress = (line: string) => void process.stderr.write(`${line}\n`)

export const bench = async ({ only, pairs }: { only?: string; pairs?: number }): Promise<Row[]> => {
  const parts = PARTS.filter(({ name }) => only === undefined || name.includes(only))
  if (parts.length === 0) throw new Error(`--only takes one of ${PARTS.map(({ name }) => name).join(', ')}.`)
  const rows = []
  for (const { run } of parts) rows.push(...(await run(progress, pairs)))
  return rows
}

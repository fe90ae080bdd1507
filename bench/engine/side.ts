/** One side, measured in a process of its own: no other side's objects and habits are there. Prints its speeds as JSON. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MEASURES, measure, type Open } from './measures.js'
import { openHashing, openRaw } from './raw.js'
import { openRuntime } from './runtime.js'

const OPEN: Readonly<Record<string, Open>> = {
  runtime: openRuntime,
  raw: openRaw,
  control: openRaw,
  hashing: openHashing,
}

const [side = '', place = '', ...names] = process.argv.slice(2)
const open = OPEN[side]
if (!open) throw new Error(`There is no side ${side}.`)
const wanted = new Set(MEASURES.filter((name) => names.includes(name)))

const directory = place === 'memory' ? undefined : await mkdtemp(join(tmpdir(), 'hypha-bench-'))
let folders = 0
try {
  const speeds = await measure(open, () => directory && join(directory, String(folders++)), wanted)
  process.stdout.write(JSON.stringify([...speeds]))
} finally {
  if (directory) await rm(directory, { recursive: true })
}

/**
 * The whole runtime beside hyperdb itself with the same signing code: 10,000 private entries put, read, listed, replicated
 * over localhost TCP to a reader that lists them, and put in batches of 100; and 1,000 of them put in a page of Chromium. Speeds
 * are medians of alternating runs, each in a process of its own; the control is hyperdb beside itself and says how much of a
 * difference is chance; `with our hashing` is beside hyperdb that hashes by the runtime's code too.
 * Run: npm run bench -- engine [--pairs N] [--only put] [--json]
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { MEASURES, type Measure, type Speed } from './engine/measures.js'
import { median } from './median.js'
import { benchPage, isAsked } from './page.js'

export interface EngineOptions {
  /** How many runs of each side. */
  readonly pairs?: number
  /** One of the names of the results, or a part of it: `put`, `disk`. */
  readonly only?: string
}

const PAIRS = 12
const PLACES = ['memory', 'disk'] as const
type PlaceName = (typeof PLACES)[number]
const SIDES = ['runtime', 'raw', 'control', 'hashing'] as const
type Side = (typeof SIDES)[number]

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

const nameOf = (name: Measure, place: PlaceName): string => `${name}, ${place}`

const program = fileURLToPath(new URL('engine/side.js', import.meta.url))
const runFile = promisify(execFile)

const runSide = async (side: Side, place: PlaceName, wanted: ReadonlySet<Measure>) => {
  const args = ['--expose-gc', program, side, place, ...wanted]
  const { stdout } = await runFile(process.execPath, args)
  return JSON.parse(stdout) as [Measure, Speed][]
}

const benchPlace = async (place: PlaceName, wanted: ReadonlySet<Measure>, pairs: number) => {
  const speeds = new Map<string, Speed[]>()
  const of = (side: Side, name: Measure, kind: keyof Speed) =>
    (speeds.get(`${side} ${name}`) ?? []).map((speed) => speed[kind])
  for (let pair = 1; pair <= pairs; pair++) {
    for (let turn = 0; turn < SIDES.length; turn++) {
      // Whoever goes first finds another machine than whoever goes last.
      const side = SIDES[(turn + pair) % SIDES.length] ?? 'raw'
      const found = await runSide(side, place, wanted)
      const told = found.map(
        ([name, { wall, cpu }]) => `${name} ${Math.round(wall)}/s (${Math.round(cpu)} by CPU time)`,
      )
      progress(`${place}, ${pair} of ${pairs}, ${side}: ${told.join(', ')}`)
      for (const [name, speed] of found)
        speeds.set(`${side} ${name}`, [...(speeds.get(`${side} ${name}`) ?? []), speed])
    }
  }
  const ratio = (name: Measure, side: Side, kind: keyof Speed, to: Side = 'raw') =>
    Number((median(of(side, name, kind)) / median(of(to, name, kind))).toFixed(2))
  return [...wanted].map((name) => ({
    name: nameOf(name, place),
    unit: 'entries/s',
    runtime: Math.round(median(of('runtime', name, 'wall'))),
    raw: Math.round(median(of('raw', name, 'wall'))),
    /** 1 and above: the runtime is the faster one. */
    ratio: ratio(name, 'runtime', 'wall'),
    control: ratio(name, 'control', 'wall'),
    'ratio by CPU time': ratio(name, 'runtime', 'cpu'),
    'control by CPU time': ratio(name, 'control', 'cpu'),
    'with our hashing': ratio(name, 'runtime', 'wall', 'hashing'),
    'with our hashing, by CPU time': ratio(name, 'runtime', 'cpu', 'hashing'),
    'best runtime': Math.round(Math.max(...of('runtime', name, 'wall'))),
    'best raw': Math.round(Math.max(...of('raw', name, 'wall'))),
    pairs,
  }))
}

export const bench = async ({ pairs = PAIRS, only = '' }: EngineOptions = {}) => {
  const results = []
  for (const place of PLACES) {
    const wanted = new Set(MEASURES.filter((name) => nameOf(name, place).includes(only)))
    if (wanted.size > 0) results.push(...(await benchPlace(place, wanted, pairs)))
  }
  const inPages = isAsked(only) ? await benchPage(only, progress) : []
  if (results.length + inPages.length === 0)
    throw new Error(`No result's name has ${JSON.stringify(only)} in it.`)
  return [...results, ...inPages]
}

/**
 * The whole runtime beside hyperdb itself with the same signing code: 10,000 private entries put, read, listed, replicated
 * over localhost TCP to a reader that lists them, and put in batches of 100; and 1,000 of them put in a page of Chromium. Speeds are medians of alternating runs; the
 * control is hyperdb beside itself and says how much of a difference is chance.
 * Run: npm run bench -- engine [--pairs N] [--only put] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MEASURES, type Measure, measure, type Speed } from './engine/measures.js'
import { openRaw } from './engine/raw.js'
import { openRuntime } from './engine/runtime.js'
import type { Place, Subject } from './engine/subject.js'
import { median } from './median.js'
import { benchPage, isAsked } from './page.js'

export interface EngineOptions {
  /** How many runs of each side, after one that warms up. */
  readonly pairs?: number
  /** One of the names of the results, or a part of it: `put`, `disk`. */
  readonly only?: string
}

const PAIRS = 12
const PLACES = ['memory', 'disk'] as const
type PlaceName = (typeof PLACES)[number]

const SIDES: Readonly<Record<string, (place: Place) => Promise<Subject>>> = {
  runtime: openRuntime,
  raw: openRaw,
  control: openRaw,
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

const nameOf = (name: Measure, place: PlaceName): string => `${name}, ${place}`

/** Folders that are gone afterwards. */
const inPlace = async <T>(name: string, run: (place: Place) => Promise<T>): Promise<T> => {
  if (name === 'memory') return run(() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'hypha-bench-'))
  let folders = 0
  try {
    return await run(() => join(directory, String(folders++)))
  } finally {
    await rm(directory, { recursive: true })
  }
}

const benchPlace = async (place: PlaceName, wanted: ReadonlySet<Measure>, pairs: number) => {
  const speeds = new Map<string, Speed[]>()
  const of = (side: string, name: Measure, kind: keyof Speed) =>
    (speeds.get(`${side} ${name}`) ?? []).map((speed) => speed[kind])
  const sides = Object.entries(SIDES)
  for (let pair = 0; pair <= pairs; pair++) {
    for (let turn = 0; turn < sides.length; turn++) {
      // Whoever goes first finds another heap than whoever goes last.
      const [side, open] = sides[(turn + pair) % sides.length] ?? ['', openRaw]
      const found = await inPlace(place, (where) => measure(open, where, wanted))
      const told = [...found]
        .map(([name, speed]) => `${name} ${Math.round(speed.wall)}/s (${Math.round(speed.cpu)} by CPU time)`)
        .join(', ')
      progress(`${place}, ${pair === 0 ? 'warming up' : `${pair} of ${pairs}`}, ${side}: ${told}`)
      if (pair === 0) continue
      for (const [name, speed] of found)
        speeds.set(`${side} ${name}`, [...(speeds.get(`${side} ${name}`) ?? []), speed])
    }
  }
  const ratio = (name: Measure, side: string, kind: keyof Speed) =>
    Number((median(of(side, name, kind)) / median(of('raw', name, kind))).toFixed(2))
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

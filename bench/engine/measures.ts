import { keyOf, type Place, type Subject, sampleOf, stopwatch, type Taken } from './subject.js'

/** Entries of each measure, and of the round before that warms up. */
export const ENTRIES = 10_000
const WARM_UP_ENTRIES = 5_000
const BATCH = 100

/** What is measured of one subject, in this order: later ones use what earlier ones wrote. */
export const MEASURES = ['put', 'get', 'list', 'replicate', 'batch'] as const
export type Measure = (typeof MEASURES)[number]

const timed = async (run: () => Promise<void>): Promise<Taken> => {
  const taken = stopwatch()
  await run()
  return taken()
}

const check = (isRight: boolean, what: string): void => {
  if (!isRight) throw new Error(`The benchmark is wrong: ${what}.`)
}

const put = (subject: Subject, entries: number) =>
  timed(async () => {
    for (let i = 0; i < entries; i++) await subject.put(i)
  })

const get = async (subject: Subject, entries: number) => {
  const sample = JSON.stringify(await subject.get(1))
  check(sample === JSON.stringify(sampleOf(1)), `${keyOf(1)} is ${sample}`)
  return timed(async () => {
    // Not in the order of writing.
    for (let i = 0; i < entries; i++) {
      if ((await subject.get((i * 7919) % entries)) === undefined) check(false, 'an entry is missing')
    }
  })
}

const list = (subject: Subject, entries: number) =>
  timed(async () => {
    const listed = await subject.list()
    check(listed === entries, `${listed} entries are listed`)
  })

const batch = (subject: Subject, entries: number) =>
  timed(async () => {
    for (let i = 0; i < entries; i += BATCH) await subject.batch(i, i + BATCH)
  })

/** Entries a second, on the wall and of processors. */
export interface Speed {
  readonly wall: number
  readonly cpu: number
}

export type Open = (place: Place) => Promise<Subject>

/** The speed of each wanted measure, once everything has been done before. */
export const measure = async (open: Open, place: Place, wanted: ReadonlySet<Measure>) => {
  await measureOnce(open, place, wanted, WARM_UP_ENTRIES)
  return measureOnce(open, place, wanted, ENTRIES)
}

const measureOnce = async (
  open: Open,
  place: Place,
  wanted: ReadonlySet<Measure>,
  entries: number,
): Promise<Map<Measure, Speed>> => {
  const speeds = new Map<Measure, Speed>()
  const record = (name: Measure, { ms, cpu }: Taken): void => {
    if (wanted.has(name)) speeds.set(name, { wall: entries / (ms / 1000), cpu: entries / (cpu / 1000) })
  }
  const settle = () => globalThis.gc?.()
  if (MEASURES.some((name) => name !== 'batch' && wanted.has(name))) {
    const subject = await open(place)
    settle()
    record('put', await put(subject, entries))
    settle()
    if (wanted.has('get')) record('get', await get(subject, entries))
    if (wanted.has('list')) record('list', await list(subject, entries))
    settle()
    if (wanted.has('replicate')) record('replicate', await subject.replicate(entries))
    await subject.close()
  }
  if (wanted.has('batch')) {
    const subject = await open(place)
    settle()
    record('batch', await batch(subject, entries))
    await subject.close()
  }
  return speeds
}

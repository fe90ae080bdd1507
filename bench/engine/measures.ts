import { keyOf, type Place, type Subject, sampleOf, stopwatch, type Taken } from './subject.js'

/** Entries of each measure. */
export const ENTRIES = 10_000
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

const put = (subject: Subject) =>
  timed(async () => {
    for (let i = 0; i < ENTRIES; i++) await subject.put(i)
  })

const get = async (subject: Subject) => {
  const sample = JSON.stringify(await subject.get(1))
  check(sample === JSON.stringify(sampleOf(1)), `${keyOf(1)} is ${sample}`)
  return timed(async () => {
    // Not in the order of writing.
    for (let i = 0; i < ENTRIES; i++) {
      if ((await subject.get((i * 7919) % ENTRIES)) === undefined) check(false, 'an entry is missing')
    }
  })
}

const list = (subject: Subject) =>
  timed(async () => {
    const listed = await subject.list()
    check(listed === ENTRIES, `${listed} entries are listed`)
  })

const batch = (subject: Subject) =>
  timed(async () => {
    for (let i = 0; i < ENTRIES; i += BATCH) await subject.batch(i, i + BATCH)
  })

/** Entries a second, on the wall and of processors. */
export interface Speed {
  readonly wall: number
  readonly cpu: number
}

/** The speed of each wanted measure. */
export const measure = async (
  open: (place: Place) => Promise<Subject>,
  place: Place,
  wanted: ReadonlySet<Measure>,
): Promise<Map<Measure, Speed>> => {
  const speeds = new Map<Measure, Speed>()
  const record = (name: Measure, { ms, cpu }: Taken): void => {
    if (wanted.has(name)) speeds.set(name, { wall: ENTRIES / (ms / 1000), cpu: ENTRIES / (cpu / 1000) })
  }
  const settle = () => globalThis.gc?.()
  if (MEASURES.some((name) => name !== 'batch' && wanted.has(name))) {
    const subject = await open(place)
    settle()
    record('put', await put(subject))
    settle()
    if (wanted.has('get')) record('get', await get(subject))
    if (wanted.has('list')) record('list', await list(subject))
    settle()
    if (wanted.has('replicate')) record('replicate', await subject.replicate(ENTRIES))
    await subject.close()
  }
  if (wanted.has('batch')) {
    const subject = await open(place)
    settle()
    record('batch', await batch(subject))
    await subject.close()
  }
  return speeds
}

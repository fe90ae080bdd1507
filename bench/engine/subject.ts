/** What is measured: a database of one writer, and its replication to an empty one over localhost TCP. */
export interface Subject {
  put(i: number): Promise<void>
  /** Entries `from` to `to - 1` at once. */
  batch(from: number, to: number): Promise<void>
  /** The decoded value. */
  get(i: number): Promise<unknown>
  /** Every entry with its decoded value; how many there were. */
  list(): Promise<number>
  /** From connecting an empty replica until it has listed `entries` of them with their values. */
  replicate(entries: number): Promise<Taken>
  close(): Promise<void>
}

/** Milliseconds, on the wall and of processors: the latter says more where others are busy too. */
export interface Taken {
  readonly ms: number
  readonly cpu: number
}

export const stopwatch = (): (() => Taken) => {
  const [start, used] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(used)
    return { ms: performance.now() - start, cpu: (user + system) / 1000 }
  }
}

/** Where a subject's databases are: each call is another folder, or undefined for memory. */
export type Place = () => string | undefined

export const keyOf = (i: number): string => `notes/${i % 97}/${i}`
export const sampleOf = (i: number) => ({ text: 'v'.repeat(100), i })

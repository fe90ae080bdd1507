/** What is measured: a database of one writer, and its replication to an empty one over localhost TCP. */
export interface Subject {
  put(i: number): Promise<void>
  /** Entries `from` to `to - 1` at once. */
  batch(from: number, to: number): Promise<void>
  /** The decoded value. */
  get(i: number): Promise<unknown>
  /** Every entry with its decoded value; how many there were. */
  list(): Promise<number>
  /** From connecting an empty replica until it has listed `entries` of them with their values. Milliseconds. */
  replicate(entries: number): Promise<number>
  close(): Promise<void>
}

/** Where a subject's databases are: each call is another folder, or undefined for memory. */
export type Place = () => string | undefined

export const keyOf = (i: number): string => `notes/${i % 97}/${i}`
export const sampleOf = (i: number) => ({ text: 'v'.repeat(100), i })

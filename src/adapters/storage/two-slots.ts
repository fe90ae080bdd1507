import { concat, equalBytes } from '../../protocol/bytes.js'
import { answeredFile } from './answered-file.js'
import type { RandomAccess, Storage } from './storage.js'

/** One small record, replaced as a whole: kept twice and written in turns, so that a write cut short leaves the one before. */
export interface TwoSlots {
  /** The newest record that is whole; undefined when there never was one. */
  readonly record: Uint8Array | undefined
  /** There was one, and neither copy of it is whole. */
  readonly isDamaged: boolean
  /** Replaces it; resolves when the storage has it. In the order of the calls. */
  replace(record: Uint8Array): Promise<void>
}

export interface TwoSlotsOptions {
  readonly storage: Storage
  /** A folder of the storage. */
  readonly name: string
  readonly maxBytes: number
  hash(bytes: Uint8Array): Uint8Array
  /** What the caller throws when the storage fails. */
  failed(cause: unknown): Error
}

/** Length of the record, then its generation, big-endian; then the hash of the generation and the record. */
const NUMBER_BYTES = 4
const HASH_BYTES = 32
const HEAD_BYTES = 2 * NUMBER_BYTES + HASH_BYTES

interface Slot {
  readonly generation: number
  readonly record: Uint8Array
}

const numberBytes = (value: number): Uint8Array => {
  const bytes = new Uint8Array(NUMBER_BYTES)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** A file that ends before, or isn't there. What a disk refuses is no sign that there is nothing. */
const isAbsence = (error: Error): boolean =>
  !('code' in error) || typeof error.code !== 'string' || error.code === 'ENOENT'

const read = (file: RandomAccess, offset: number, size: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) =>
    file.read(offset, size, (error, bytes) => {
      if (!error) resolve(bytes)
      else if (isAbsence(error)) resolve(undefined)
      else reject(error)
    }),
  )

const readSlot = async (
  file: RandomAccess,
  { maxBytes, hash }: TwoSlotsOptions,
): Promise<Slot | 'damaged' | undefined> => {
  const head = await read(file, 0, HEAD_BYTES)
  if (!head) return (await read(file, 0, 1)) ? 'damaged' : undefined
  const numbers = new DataView(head.buffer, head.byteOffset, head.length)
  const length = numbers.getUint32(0)
  const generation = numbers.getUint32(NUMBER_BYTES)
  const record = length <= maxBytes ? await read(file, HEAD_BYTES, length) : undefined
  if (!record) return 'damaged'
  const isWhole = equalBytes(hash(concat(numberBytes(generation), record)), head.subarray(2 * NUMBER_BYTES))
  return isWhole ? { generation, record } : 'damaged'
}

const closed = (file: RandomAccess): Promise<void> => new Promise((resolve) => file.close(() => resolve()))

/** Opens a record. */
export const openTwoSlots = async (options: TwoSlotsOptions): Promise<TwoSlots> => {
  const { storage, name, hash, failed } = options
  const names = [`${name}/0`, `${name}/1`] as const
  const nameOf = (generation: number) => names[generation % 2 === 0 ? 0 : 1]
  let current: Slot | undefined
  let damaged = 0
  for (const each of names) {
    const file = answeredFile(() => storage.file(each))
    const slot = await readSlot(file, options)
      .catch((error: unknown) => {
        throw failed(error)
      })
      .finally(() => closed(file))
    if (slot === 'damaged') damaged++
    else if (slot && slot.generation > (current?.generation ?? 0)) current = slot
  }

  const store = async (record: Uint8Array): Promise<void> => {
    if (current) return storeNext(record)
    // The first goes into both: damage to one of them is then never mistaken for an empty storage.
    await storeNext(record)
    try {
      await storeNext(record)
    } catch (error) {
      // Who is told that it failed must not find it there next time.
      await takeBack()
      throw error
    }
  }

  const takeBack = async (): Promise<void> => {
    if (!current) return
    const { generation, record } = current
    const file = answeredFile(() => storage.file(nameOf(generation)))
    await new Promise<void>((resolve) => file.del(0, HEAD_BYTES + record.length, () => resolve()))
    await closed(file)
    current = undefined
  }

  const storeNext = async (record: Uint8Array): Promise<void> => {
    const generation = (current?.generation ?? 0) + 1
    const counted = concat(numberBytes(generation), record)
    const file = answeredFile(() => storage.file(nameOf(generation)))
    try {
      await new Promise<void>((resolve, reject) => {
        const bytes = concat(
          numberBytes(record.length),
          counted.subarray(0, NUMBER_BYTES),
          hash(counted),
          record,
        )
        file.write(0, Buffer.from(bytes), (error) => (error ? reject(failed(error)) : resolve()))
      })
    } finally {
      await closed(file)
    }
    current = { generation, record }
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    get isDamaged() {
      return !current && damaged === names.length
    },
    get record() {
      return current?.record
    },
    replace(record) {
      const turn = last.then(() => store(record))
      last = turn.catch(() => {})
      return turn
    },
  }
}

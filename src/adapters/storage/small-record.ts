import { HyphaError } from '../../protocol/errors.js'
import type { Crypto } from '../crypto/crypto.js'
import type { Storage } from './storage.js'
import { openTwoSlots, type TwoSlots } from './two-slots.js'

/** A few bytes that outlast the process, replaced as a whole. */
export interface SmallRecord {
  /** Undefined when there is none, or none that is whole. @throws HyphaError STORAGE_FAILED */
  recall(): Promise<Uint8Array | undefined>
  /** Stores what there is when it is its turn. @throws HyphaError STORAGE_FAILED */
  keep(record: () => Uint8Array): Promise<void>
}

const failed = (cause: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'What this device has heard can not be stored, so it may hear it again. Check that the disk is there and not full.',
    { cause },
  )

export const createSmallRecord = (options: {
  readonly storage: Storage
  readonly crypto: () => Promise<Crypto>
  readonly name: string
  readonly maxBytes: number
}): SmallRecord => {
  const { storage, name, maxBytes } = options
  let last: Promise<unknown> = Promise.resolve()
  let slots: TwoSlots | undefined
  const open = async (): Promise<TwoSlots> => {
    const { hash } = await options.crypto()
    slots ??= await openTwoSlots({ storage, name, maxBytes, hash, failed })
    return slots
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  return {
    recall: () =>
      inTurn(async () => {
        slots = undefined
        return (await open()).record
      }),
    keep: (record) => inTurn(async () => (await open()).replace(record())),
  }
}

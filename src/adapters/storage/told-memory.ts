import { HyphaError } from '../../protocol/errors.js'
import {
  decodeToldDevices,
  encodeToldDevices,
  MAX_TOLD_BYTES,
  type ToldDevices,
} from '../../protocol/told-devices.js'
import type { Storage } from './storage.js'
import { openTwoSlots } from './two-slots.js'

/** What a node has told its person of other devices, over restarts: one small record beside the database. */
export interface ToldMemory {
  /** `damaged` when there was something that can't be read. */
  readonly told: ToldDevices | 'damaged' | undefined
  /** Replaces what is remembered; what there is when it is its turn. Rejects with STORAGE_FAILED. */
  keep(told: () => ToldDevices): Promise<void>
  /** Resolves when nothing is being stored. */
  settled(): Promise<unknown>
}

const failed = (cause: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'Which devices you were told of can not be read or written. Check that the disk is there, whole and not full, then try again.',
    { cause },
  )

/** @param folder of one hypha, in the storage */
export const openToldMemory = async (
  storage: Storage,
  folder: string,
  hash: (bytes: Uint8Array) => Uint8Array,
): Promise<ToldMemory> => {
  const slots = await openTwoSlots({
    storage,
    name: `${folder}/told`,
    maxBytes: MAX_TOLD_BYTES,
    hash,
    failed,
  })
  const { record, isDamaged } = slots
  let due: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()
  return {
    told: isDamaged ? 'damaged' : record && (decodeToldDevices(record) ?? 'damaged'),
    // However many come at once, one write is under way and one waits.
    keep: (told) => {
      due ??= last.then(() => {
        due = undefined
        return slots.replace(encodeToldDevices(told()))
      })
      last = due.catch(() => {})
      return due
    },
    settled: () => last,
  }
}

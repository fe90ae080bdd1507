import { libsodium } from '../../libsodium.js'
import type { Storage } from '../../storage/storage.js'
import { openTwoSlots } from '../../storage/two-slots.js'
import { storageFailed, storedKey } from '../writer-keys.js'
import { feedFolder } from './files.js'

const NUMBER_BYTES = 4

export interface Place {
  /** Which of its folders the own feed lies in. */
  readonly generation: number
  /** Which folder the key pair lies in. */
  readonly keys?: number | undefined
}

const openMark = (storage: Storage, generation: number) =>
  openTwoSlots({
    storage,
    name: `${feedFolder(generation)}/moved`,
    maxBytes: NUMBER_BYTES,
    hash: (bytes) => libsodium.crypto_generichash(32, bytes, null),
    failed: storageFailed,
  })

/** Says in a folder that the own feed moves there: the record says so too, and may be damaged. @throws HyphaError STORAGE_FAILED */
export const markMoved = async (storage: Storage, { generation, keys = 0 }: Place): Promise<void> => {
  const bytes = new Uint8Array(NUMBER_BYTES)
  new DataView(bytes.buffer).setUint32(0, keys)
  await (await openMark(storage, generation)).replace(bytes)
}

/** Where the own feed lies, by what its folders say themselves. Each that there ever was has kept its key. */
export const findMoved = async (storage: Storage): Promise<Place> => {
  let place: Place = { generation: 0 }
  for (let generation = 1; await storedKey(storage, feedFolder(generation)); generation++) {
    const { record } = await openMark(storage, generation)
    if (record?.length !== NUMBER_BYTES) continue
    const keys = new DataView(record.buffer, record.byteOffset, NUMBER_BYTES).getUint32(0)
    place = { generation, ...(keys > 0 ? { keys } : {}) }
  }
  return place
}

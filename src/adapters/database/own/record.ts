import { fromHex, toHex, utf8 } from '../../../protocol/bytes.js'
import { isJsonObject, ownField, ownString, parseJson } from '../../../protocol/json.js'
import { libsodium } from '../../libsodium.js'
import type { Storage } from '../../storage/storage.js'
import { openTwoSlots } from '../../storage/two-slots.js'
import type { MendingReason } from '../database.js'
import { storageFailed } from '../writer-keys.js'

/** What is known of the own feed beside the feed itself, so that it can be told when that went back in time. */
export interface OwnRecord {
  /** Which of its folders the feed lies in. */
  readonly generation: number
  /** Blocks that were stored. It may lag behind the feed, and never runs ahead of it. */
  readonly length: number
  /** Blocks that peers may have heard of: a feed that is shorter must not be written to. */
  readonly announced: number
  /** hypercore's hash over the tree at `length`; empty for none. */
  readonly root: Uint8Array
  /** The feed is fetched anew, into the next folder. */
  readonly mend?: { readonly reason: MendingReason; readonly need: number } | undefined
  /** The feed's length at which the first entry of the journal belongs, while the journal is written to the feed. */
  readonly base?: number | undefined
}

export interface OwnRecordKeeper {
  readonly current: OwnRecord
  /** There was a record and both copies of it are damaged. */
  readonly isDamaged: boolean
  /** Resolves when it is stored. */
  update(change: Partial<OwnRecord>): Promise<void>
}

const VERSION = 1
const MAX_RECORD_BYTES = 1024
const NOTHING: OwnRecord = { generation: 0, length: 0, announced: 0, root: new Uint8Array(0) }
const REASONS: readonly MendingReason[] = ['behind', 'forked', 'damaged']

const encode = ({ root, ...record }: OwnRecord): Uint8Array =>
  utf8(JSON.stringify({ v: VERSION, ...record, root: toHex(root) }))

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const decode = (bytes: Uint8Array): OwnRecord | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_RECORD_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const [generation, length, announced, base] = ['generation', 'length', 'announced', 'base'].map((name) =>
    ownField(json, name),
  )
  const text = ownString(json, 'root')
  const root = text === '' ? NOTHING.root : fromHex(text, 32)
  if (!isCount(generation) || !isCount(length) || !isCount(announced) || !root) return undefined
  const mend = readMend(ownField(json, 'mend'))
  return { generation, length, announced, root, mend, ...(isCount(base) ? { base } : {}) }
}

const readMend = (json: unknown): OwnRecord['mend'] => {
  if (!isJsonObject(json)) return undefined
  const reason = REASONS.find((each) => each === ownField(json, 'reason'))
  const need = ownField(json, 'need')
  return reason && isCount(need) ? { reason, need } : undefined
}

/** @throws HyphaError STORAGE_FAILED */
export const openOwnRecord = async (storage: Storage): Promise<OwnRecordKeeper> => {
  const slots = await openTwoSlots({
    storage,
    name: 'own/record',
    maxBytes: MAX_RECORD_BYTES,
    hash: (bytes) => libsodium.crypto_generichash(32, bytes, null),
    failed: storageFailed,
  })
  let current = (slots.record && decode(slots.record)) ?? NOTHING
  return {
    get current() {
      return current
    },
    isDamaged: slots.isDamaged,
    async update(change) {
      // At once: who asks next builds on it, and the storage takes them in this order.
      current = { ...current, ...change }
      await slots.replace(encode(current))
    },
  }
}

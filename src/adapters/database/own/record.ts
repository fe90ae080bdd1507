import { fromHex, toHex, utf8 } from '../../../protocol/bytes.js'
import { isJsonObject, type JsonObject, ownField, ownString, parseJson } from '../../../protocol/json.js'
import { libsodium } from '../../libsodium.js'
import type { Storage } from '../../storage/storage.js'
import { openTwoSlots } from '../../storage/two-slots.js'
import type { MendingReason } from '../database.js'
import { storageFailed } from '../writer-keys.js'
import { findMoved } from './moved.js'

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
  readonly mend?: Mend | undefined
  /** Which folder the key pair lies in, where it is not the first one. */
  readonly keys?: number | undefined
  /** The folder of the key before, until that is wiped. */
  readonly oldKeys?: number | undefined
  /** There while nobody was told of the new key: whether the old one could write. */
  readonly news?: boolean | undefined
  /** The feed's length at which the first entry of the journal belongs, while the journal is written to the feed. */
  readonly base?: number | undefined
}

/** Why the own feed is fetched, and how much of it. */
export interface Mend {
  readonly reason: MendingReason
  readonly need: number
  // Of `shared` alone:
  /** The key could write. */
  readonly wasWriter?: boolean
  /** Somebody has shown how long the feed is there. */
  readonly isKnown?: boolean
  /** The node that keeps the key knows that this one lets it go. */
  readonly isKept?: boolean
}

export interface OwnRecordKeeper {
  readonly current: OwnRecord
  /** There was a record, and both copies of it are damaged: only where the feed lies was found again. */
  readonly isDamaged: boolean
  /** Resolves when it is stored. */
  update(change: Partial<OwnRecord>): Promise<void>
}

const VERSION = 1
const MAX_RECORD_BYTES = 1024
const NOTHING: OwnRecord = { generation: 0, length: 0, announced: 0, root: new Uint8Array(0) }
const REASONS: readonly MendingReason[] = ['behind', 'forked', 'damaged', 'shared']

const encode = ({ root, ...record }: OwnRecord): Uint8Array =>
  utf8(JSON.stringify({ v: VERSION, ...record, root: toHex(root) }))

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const decode = (bytes: Uint8Array): OwnRecord | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_RECORD_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const [generation, length, announced] = ['generation', 'length', 'announced'].map((name) =>
    ownField(json, name),
  )
  const text = ownString(json, 'root')
  const root = text === '' ? NOTHING.root : fromHex(text, 32)
  if (!isCount(generation) || !isCount(length) || !isCount(announced) || !root) return undefined
  const mend = readMend(ownField(json, 'mend'))
  const count = (name: string) => {
    const value = ownField(json, name)
    return isCount(value) ? value : undefined
  }
  const news = readFlag(json, 'news')
  const [base, keys, oldKeys] = [count('base'), count('keys'), count('oldKeys')]
  return { generation, length, announced, root, mend, base, keys, oldKeys, news }
}

const readFlag = (json: JsonObject, name: string): boolean | undefined => {
  const value = ownField(json, name)
  return typeof value === 'boolean' ? value : undefined
}

const readMend = (json: unknown): Mend | undefined => {
  if (!isJsonObject(json)) return undefined
  const reason = REASONS.find((each) => each === ownField(json, 'reason'))
  const need = ownField(json, 'need')
  if (!reason || !isCount(need)) return undefined
  const flags = Object.fromEntries(
    (['wasWriter', 'isKnown', 'isKept'] as const).map((name) => [name, readFlag(json, name) === true]),
  )
  return reason === 'shared' ? { reason, need, ...flags } : { reason, need }
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
  const isDamaged = slots.isDamaged || (slots.record !== undefined && !decode(slots.record))
  let current = (slots.record && decode(slots.record)) ?? NOTHING
  if (isDamaged) current = { ...NOTHING, ...(await findMoved(storage)) }
  return {
    get current() {
      return current
    },
    isDamaged,
    async update(change) {
      // At once: who asks next builds on it, and the storage takes them in this order.
      current = { ...current, ...change }
      await slots.replace(encode(current))
    },
  }
}

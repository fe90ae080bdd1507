import type { Crypto } from '../adapters/crypto/crypto.js'
import type { RandomAccess, Storage } from '../adapters/storage/storage.js'
import { concat, equalBytes, fromHex, toHex, utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { HYPHALINK_BYTES } from '../protocol/hyphalink.js'
import { isJsonObject, isTime, ownField, parseJson } from '../protocol/json.js'
import { MAX_PLACES } from '../protocol/limits.js'

/** What is remembered of the places that were claimed: which hyphas live here, and since when. */
export interface Places {
  readonly total: number
  /** The hyphalinks that claimed one. */
  readonly claimed: readonly Uint8Array[]
  readonly isFree: boolean
  /** Takes a place for good; resolves when that is stored. A hypha that has one keeps it. */
  take(hyphalink: Uint8Array, now: number): Promise<void>
}

interface Claim {
  readonly hyphalink: string
  readonly at: number
}

interface Record {
  readonly generation: number
  readonly claims: readonly Claim[]
}

const VERSION = 1
const LENGTH_BYTES = 4
const HASH_BYTES = 32
const MAX_RECORD_BYTES = 256 + MAX_PLACES * 128

const parseClaim = (json: unknown): Claim | undefined => {
  if (!isJsonObject(json)) return undefined
  const hyphalink = ownField(json, 'hyphalink')
  const at = ownField(json, 'at')
  return fromHex(hyphalink, HYPHALINK_BYTES) && isTime(at) ? { hyphalink: String(hyphalink), at } : undefined
}

const parseRecord = (bytes: Uint8Array): Record | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_RECORD_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const generation = ownField(json, 'generation')
  const list = ownField(json, 'claims')
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation) || !Array.isArray(list))
    return undefined
  const claims = list.map(parseClaim)
  return claims.every((claim) => claim !== undefined) ? { generation, claims } : undefined
}

const read = (file: RandomAccess, offset: number, size: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => file.read(offset, size, (error, bytes) => resolve(error ? undefined : bytes)))

/** A record as it was written whole, `damaged`, or undefined when there never was one. */
const readSlot = async (
  file: RandomAccess,
  hash: Crypto['hash'],
): Promise<Record | 'damaged' | undefined> => {
  const head = await read(file, 0, LENGTH_BYTES + HASH_BYTES)
  if (!head) return (await read(file, 0, 1)) ? 'damaged' : undefined
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
  const body = length <= MAX_RECORD_BYTES ? await read(file, LENGTH_BYTES + HASH_BYTES, length) : undefined
  if (!body || !equalBytes(hash(body), head.subarray(LENGTH_BYTES))) return 'damaged'
  return parseRecord(body) ?? 'damaged'
}

const storageFailed = (cause?: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'The record of claimed places could not be read or written. Check that the disk is there, whole and not full.',
    { cause },
  )

/**
 * Opens the record of claimed places. It is kept twice and written in turns, so that one that was cut short leaves the one
 * before.
 * @throws HyphaError STORAGE_FAILED when both are damaged
 */
export const openPlaces = async (total: number, storage: Storage, hash: Crypto['hash']): Promise<Places> => {
  const names = ['places/0', 'places/1']
  const slots: (Record | 'damaged' | undefined)[] = []
  for (const name of names) {
    const file = storage.file(name)
    slots.push(await readSlot(file, hash))
    await new Promise<void>((resolve) => file.close(() => resolve()))
  }
  if (slots.every((slot) => slot === 'damaged')) throw storageFailed()
  let record: Record = { generation: 0, claims: [] }
  for (const slot of slots) {
    if (typeof slot === 'object' && slot.generation > record.generation) record = slot
  }

  const store = async (next: Record): Promise<void> => {
    const body = utf8(JSON.stringify({ v: VERSION, ...next }))
    const length = new Uint8Array(LENGTH_BYTES)
    new DataView(length.buffer).setUint32(0, body.length)
    const file = storage.file(names[next.generation % names.length]!)
    try {
      await new Promise<void>((resolve, reject) =>
        file.write(0, Buffer.from(concat(length, hash(body), body)), (error) =>
          error ? reject(storageFailed(error)) : resolve(),
        ),
      )
    } finally {
      await new Promise<void>((resolve) => file.close(() => resolve()))
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    total,
    get claimed() {
      return record.claims.map(({ hyphalink }) => fromHex(hyphalink, HYPHALINK_BYTES)!)
    },
    get isFree() {
      return record.claims.length < total
    },
    take: (bytes, now) => {
      const hyphalink = toHex(bytes)
      const turn = last.then(async () => {
        if (record.claims.some((claim) => claim.hyphalink === hyphalink)) return
        const claims = [...record.claims, { hyphalink, at: now }]
        const next = { generation: record.generation + 1, claims }
        await store(next)
        record = next
      })
      last = turn.catch(() => {})
      return turn
    },
  }
}

import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Storage } from '../adapters/storage/storage.js'
import { openTwoSlots } from '../adapters/storage/two-slots.js'
import { fromHex, toHex, utf8 } from '../protocol/bytes.js'
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

const VERSION = 1
const MAX_RECORD_BYTES = 256 + MAX_PLACES * 128

const parseClaim = (json: unknown): Claim | undefined => {
  if (!isJsonObject(json)) return undefined
  const hyphalink = ownField(json, 'hyphalink')
  const at = ownField(json, 'at')
  return fromHex(hyphalink, HYPHALINK_BYTES) && isTime(at) ? { hyphalink: String(hyphalink), at } : undefined
}

const parseClaims = (bytes: Uint8Array): readonly Claim[] | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_RECORD_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const list = ownField(json, 'claims')
  const claims = Array.isArray(list) ? list.map(parseClaim) : [undefined]
  return claims.every((claim) => claim !== undefined) ? claims : undefined
}

const failed = (cause?: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'The record of claimed places could not be read or written. Check that the disk is there, whole and not full.',
    { cause },
  )

/**
 * Opens the record of claimed places.
 * @throws HyphaError STORAGE_FAILED when it is damaged
 */
export const openPlaces = async (total: number, storage: Storage, hash: Crypto['hash']): Promise<Places> => {
  const slots = await openTwoSlots({ storage, name: 'places', maxBytes: MAX_RECORD_BYTES, hash, failed })
  const stored = slots.record ? parseClaims(slots.record) : []
  if (!stored || slots.isDamaged) throw failed()
  let claims = stored

  let last: Promise<unknown> = Promise.resolve()
  return {
    total,
    get claimed() {
      return claims.map(({ hyphalink }) => fromHex(hyphalink, HYPHALINK_BYTES)!)
    },
    get isFree() {
      return claims.length < total
    },
    take: (bytes, now) => {
      const hyphalink = toHex(bytes)
      const turn = last.then(async () => {
        if (claims.some((claim) => claim.hyphalink === hyphalink)) return
        const next = [...claims, { hyphalink, at: now }]
        await slots.replace(utf8(JSON.stringify({ v: VERSION, claims: next })))
        claims = next
      })
      last = turn.catch(() => {})
      return turn
    },
  }
}

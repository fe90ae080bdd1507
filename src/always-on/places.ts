import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Storage } from '../adapters/storage/storage.js'
import { openTwoSlots } from '../adapters/storage/two-slots.js'
import { fromHex, toHex, utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { HYPHALINK_BYTES } from '../protocol/hyphalink.js'
import { isJsonObject, isTime, ownField, parseJson } from '../protocol/json.js'
import { MAX_PLACES, MAX_WAITING_PLACES } from '../protocol/limits.js'

/**
 * What is remembered of the places that were claimed: which hyphas live here, and since when. A hypha of which nothing has
 * arrived yet takes no place from others: it waits, as when a phone signs in before the laptop was ever connected here, or
 * when somebody typed the passphrase of another hypha.
 */
export interface Places {
  readonly total: number
  /** The hyphalinks that have one. */
  readonly taken: readonly Uint8Array[]
  /** Those that wait for something to arrive, the oldest first. */
  readonly waiting: readonly { readonly hyphalink: Uint8Array; readonly at: number }[]
  readonly isFree: boolean
  has(hyphalink: Uint8Array): boolean
  /** Lets a hypha wait; resolves when that is stored. One that has a place keeps it. */
  claim(hyphalink: Uint8Array, now: number): Promise<void>
  /** Gives a hypha that waits its place for good. False when none is free. */
  take(hyphalink: Uint8Array): Promise<boolean>
  /** Forgets one that waits. */
  forget(hyphalink: Uint8Array): Promise<void>
}

interface Claim {
  readonly hyphalink: string
  readonly at: number
  /** Nothing of it has arrived yet. */
  readonly waits?: true
}

const VERSION = 1
const MAX_RECORD_BYTES = 256 + (MAX_PLACES + MAX_WAITING_PLACES) * 128

const parseClaim = (json: unknown): Claim | undefined => {
  if (!isJsonObject(json)) return undefined
  const hyphalink = ownField(json, 'hyphalink')
  const at = ownField(json, 'at')
  if (!fromHex(hyphalink, HYPHALINK_BYTES) || !isTime(at)) return undefined
  const waits = ownField(json, 'waits') === true ? { waits: true as const } : {}
  return { hyphalink: String(hyphalink), at, ...waits }
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

  const bytesOf = ({ hyphalink }: Claim) => fromHex(hyphalink, HYPHALINK_BYTES)!
  const taken = () => claims.filter(({ waits }) => !waits)
  let last: Promise<unknown> = Promise.resolve()
  /** In the order of the calls. `next`: undefined when nothing is to be stored. */
  const change = <T>(work: () => { next?: readonly Claim[]; value: T }): Promise<T> => {
    const turn = last.then(async () => {
      const { next, value } = work()
      if (!next) return value
      await slots.replace(utf8(JSON.stringify({ v: VERSION, claims: next })))
      claims = next
      return value
    })
    last = turn.catch(() => {})
    return turn
  }

  return {
    total,
    get taken() {
      return taken().map(bytesOf)
    },
    get waiting() {
      return claims.filter(({ waits }) => waits).map((claim) => ({ hyphalink: bytesOf(claim), at: claim.at }))
    },
    get isFree() {
      return taken().length < total
    },
    has: (bytes) => claims.some(({ hyphalink }) => hyphalink === toHex(bytes)),
    claim: (bytes, now) =>
      change(() => {
        const hyphalink = toHex(bytes)
        if (claims.some((claim) => claim.hyphalink === hyphalink)) return { value: undefined }
        return { next: [...claims, { hyphalink, at: now, waits: true }], value: undefined }
      }),
    take: (bytes) =>
      change(() => {
        const hyphalink = toHex(bytes)
        const own = claims.find((claim) => claim.hyphalink === hyphalink)
        if (!own?.waits) return { value: own !== undefined }
        if (taken().length >= total) return { value: false }
        const next = claims.map((claim) => (claim === own ? { hyphalink, at: own.at } : claim))
        return { next, value: true }
      }),
    forget: (bytes) =>
      change(() => {
        const hyphalink = toHex(bytes)
        const next = claims.filter((claim) => claim.hyphalink !== hyphalink || !claim.waits)
        return next.length < claims.length ? { next, value: undefined } : { value: undefined }
      }),
  }
}

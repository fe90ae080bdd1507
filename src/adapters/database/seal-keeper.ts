import type { Feed } from 'hypercore'
import { HyphaError } from '../../protocol/errors.js'
import { ORIGIN_LENGTH } from '../../protocol/limits.js'
import { endOfData, endOfHave } from '../../protocol/replication-messages.js'
import type { Claim } from './guarded-protocol.js'
import { isFork, isSeal, readSeal, SEAL_BYTES } from './origin-seal.js'

/** The extension by which peers compare what the origin feed was sealed with. */
export const SEAL_EXTENSION = 'hypha-seal'

export interface SealKeeper {
  /** Ours, once both blocks of the origin are here. */
  readonly seal: Uint8Array | undefined
  /** Looks again whether they are. True when they were not before. */
  refresh(origin: Feed): Promise<boolean>
  /** Hears a peer's seal. */
  compare(bytes: Uint8Array): void
  /** Whether what a peer claims or sends of the origin lies within the seal. */
  admits(claim: Claim): boolean
  /** The origin feed as stored grew beyond its seal: someone has signed for it. */
  grown(length: number): void
}

/** Watches over the origin feed: two different seals of it, or blocks beyond its seal, are told once each. */
export const createSealKeeper = (hyphalink: Uint8Array, onAlarm: (error: HyphaError) => void): SealKeeper => {
  let seal: Uint8Array | undefined
  let seen: Uint8Array | undefined
  let isReading = false
  const told = new Set<string>()
  const tell = (code: 'ORIGIN_FORKED' | 'ORIGIN_UNSEALED', message: string) => {
    if (told.has(code)) return
    told.add(code)
    onAlarm(new HyphaError(code, message))
  }
  const compare = (known: Uint8Array | undefined, other: Uint8Array | undefined) => {
    if (!known || !other || !isFork(known, other)) return
    tell(
      'ORIGIN_FORKED',
      'Two different beginnings of this hypha exist, both signed by its origin key: someone else holds the passphrase, or it was signed up twice. Compare your devices, and move to a new passphrase.',
    )
  }
  const unsealed = () =>
    tell(
      'ORIGIN_UNSEALED',
      'A peer offers blocks of the origin feed beyond its seal. They are ignored. If it has them, someone else holds the passphrase: move to a new one.',
    )
  return {
    get seal() {
      return seal
    },
    async refresh(origin) {
      if (seal || isReading) return false
      isReading = true
      seal = await readSeal(origin)
      isReading = false
      compare(seal, seen)
      return seal !== undefined
    },
    compare(bytes) {
      // Verified only when it is news: a peer may send it a thousand times.
      if (bytes.length !== SEAL_BYTES) return
      const known = seal ?? seen
      if (known && (!isFork(known, bytes) || told.has('ORIGIN_FORKED'))) return
      const copy = new Uint8Array(bytes)
      if (!isSeal(copy, hyphalink)) return
      compare(known, copy)
      seen ??= copy
    },
    admits(claim) {
      const end = claim.type === 'have' ? endOfHave(claim.message) : endOfData(claim.message)
      if (end <= ORIGIN_LENGTH) return true
      unsealed()
      return false
    },
    grown(length) {
      if (length > ORIGIN_LENGTH) unsealed()
    },
  }
}

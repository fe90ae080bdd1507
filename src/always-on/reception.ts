import type { Link } from '../actors/link.js'
import type { Crypto } from '../adapters/crypto/crypto.js'
import { toHex } from '../protocol/bytes.js'
import { isClaimProven } from '../protocol/claim.js'
import type { ClaimRefusal, Greeting } from '../protocol/greeting.js'
import type { ClaimCode } from './claim-code.js'
import type { Claim } from './claiming.js'
import type { Hyphas } from './hyphas.js'
import type { Places } from './places.js'
import { sourceOfConnection } from './seats.js'
import type { Waiting } from './waiting.js'

export interface Reception {
  /** What a peer is told who asks for a hypha; undefined when it is replicated. */
  greet(link: Link, discoveryKey: Uint8Array): Greeting | undefined
  /** Checks a claim, and hosts its hypha if it holds. */
  decide(link: Link, claim: Claim): Promise<Greeting>
}

export interface ReceptionOptions {
  readonly crypto: Crypto
  readonly hyphas: Hyphas
  readonly places: Places
  readonly waiting: Pick<Waiting, 'host'>
  readonly claimCode: ClaimCode
  readonly now: () => number
}

const NONCE_BYTES = 32

const refused = (reason: ClaimRefusal): Greeting => ({ type: 'refused', reason })

/** Who may come in: peers of hyphas that are kept here, and a person's node that proves that a free place is for its hypha. */
export const createReception = (options: ReceptionOptions): Reception => {
  const { crypto, hyphas, places, waiting, claimCode, now } = options
  /** Claims that are being stored, by discovery key. */
  const underWay = new Map<string, Promise<Greeting>>()

  const host = async ({ hyphalink }: Claim): Promise<Greeting> => {
    await waiting.host(hyphalink)
    return { type: 'claimed' }
  }

  return {
    greet: (link, discoveryKey) => {
      const hypha = hyphas.get(discoveryKey)
      if (hypha?.isTooLarge) return refused('full')
      if (hypha) return hypha.seats.enter(link.connection) ? undefined : refused('busy')
      if (!places.isFree) return refused(places.total > 0 ? 'full' : 'not-hosted')
      return { type: 'unclaimed', nonce: crypto.randomBytes(NONCE_BYTES), code: !link.connection.local }
    },

    decide: async (link, claim) => {
      const { discoveryKey, placeNonce: nonce, connection } = link
      if (!discoveryKey || !nonce || !isClaimProven(claim, { nonce, discoveryKey }, crypto))
        return refused('proof')
      if (hyphas.get(discoveryKey)) return { type: 'claimed' }
      if (!connection.local) {
        const verdict = claimCode.check(claim.code, sourceOfConnection(connection), now())
        if (verdict !== 'right') return refused(verdict === 'wrong' ? 'code' : 'busy')
      }
      const key = toHex(discoveryKey)
      const same = underWay.get(key)
      if (same) return same
      if (!places.has(claim.hyphalink) && !places.isFree) return refused('full')
      const hosting = host(claim).finally(() => underWay.delete(key))
      underWay.set(key, hosting)
      return hosting
    },
  }
}

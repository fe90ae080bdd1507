import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import { concat, equalBytes, fromHex, toHex } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { LINK_MESSAGE_BURST, LINK_MESSAGES_PER_SECOND } from '../protocol/limits.js'
import {
  decodeLinkMessage,
  encodeLinkMessage,
  LINK_NONCE_BYTES,
  type LinkMessage,
  linkProofBytes,
} from '../protocol/link-proof.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import { RUN_BYTES } from '../protocol/run-id.js'
import { createPairs, type Member, type Pair, type PairEnd } from './pairs.js'
import type { Twins } from './twins.js'

export interface PairingOptions extends Omit<PairEnd, 'send' | 'close'> {
  send(bytes: Uint8Array): void
  /** Ends the link: without an error when nobody is to blame. */
  end(error?: HyphaError): void
}

/** What one link says of itself, from the hello on. */
export interface Pairing {
  /** Undefined until the other end has proven who it is. */
  readonly pair: Pair | undefined
  /** It has this node's own key. */
  readonly isTwin: boolean
  receive(bytes: Uint8Array): void
  leave(): void
}

/** How a node is met by a link of its own. */
export interface DirectRoad {
  readonly road: string
  readonly relayed: boolean
}

/** Who is at the other ends of a node's links, and which of these are used. */
export interface Pairings {
  /** Says hello. */
  start(link: PairingOptions): Pairing
  /** Who has proven to be there, by writer key, and how. */
  met(): ReadonlyMap<string, DirectRoad>
  /** Looks whether links have fallen silent. */
  look(): void
}

export const createPairings = (about: {
  readonly crypto: Pick<Crypto, 'randomBytes' | 'verify'>
  readonly database: Pick<Database, 'discoveryKey' | 'localWriter' | 'sign'>
  readonly now: () => number
  /** A node is met by other links than before, or by none any more. */
  readonly onChange?: (writerKey: string, isMet: boolean) => void
  /** Hears of other nodes that prove this one's own writer key. */
  readonly twins: Pick<Twins, 'run' | 'isOwn' | 'met'>
}): Pairings => {
  const { crypto, database, now, twins } = about
  const { discoveryKey, localWriter } = database
  const pairs = createPairs(localWriter, about.onChange)
  const ownKey = fromHex(localWriter, 32) ?? new Uint8Array(32)

  const start = (link: PairingOptions): Pairing => {
    const ownRun = twins.run
    const nonce = concat(
      fromHex(ownRun, RUN_BYTES) ?? new Uint8Array(RUN_BYTES),
      crypto.randomBytes(LINK_NONCE_BYTES - RUN_BYTES),
    )
    const bucket = createTokenBucket({ rate: LINK_MESSAGES_PER_SECOND, burst: LINK_MESSAGE_BURST })
    let theirs: Uint8Array | undefined
    let member: Member | undefined
    let isTwin = false
    let hasEnded = false
    const send = (message: LinkMessage) => link.send(encodeLinkMessage(message))
    const end = (error?: HyphaError) => {
      hasEnded = true
      link.end(error)
    }
    const misbehaved = (what: string) =>
      end(new HyphaError('PEER_MISBEHAVED', `A peer sent ${what} and was disconnected.`))

    const takeHello = (other: Uint8Array) => {
      if (theirs) return misbehaved('a second hello')
      if (equalBytes(other, nonce)) return misbehaved('this node’s own hello')
      theirs = other
      const signature = database.sign(
        linkProofBytes({ discoveryKey, verifierNonce: other, proverNonce: nonce }),
      )
      send({ type: 'proof', writerKey: ownKey, signature })
    }
    const takeProof = (writerKey: Uint8Array, signature: Uint8Array) => {
      if (!theirs || member) return misbehaved('a proof that nobody asked for')
      const signed = linkProofBytes({ discoveryKey, verifierNonce: nonce, proverNonce: theirs })
      if (!crypto.verify(signature, signed, writerKey)) return misbehaved('a proof that does not hold')
      const run = toHex(theirs.subarray(0, RUN_BYTES))
      if (equalBytes(writerKey, ownKey)) {
        // This node has dialled itself.
        if (twins.isOwn(run)) return end()
        twins.met(ownRun, run)
        // What has been decided is said on the next link.
        if (twins.run !== ownRun) return end()
        isTwin = true
      }
      const options: PairEnd = {
        transport: link.transport,
        isRelayed: link.isRelayed,
        beat: link.beat,
        spare: link.spare,
        use: link.use,
        retire: link.retire,
        send,
        close: () => end(),
      }
      member = pairs.join(options, toHex(writerKey), { own: ownRun, other: run })
    }

    send({ type: 'hello', nonce })
    return {
      get pair() {
        return member?.pair
      },
      get isTwin() {
        return isTwin
      },
      receive: (bytes) => {
        if (hasEnded) return
        if (!bucket.take(now())) return misbehaved('messages about links faster than it may')
        const message = decodeLinkMessage(bytes)
        if (message?.type === 'hello') takeHello(message.nonce)
        else if (message?.type === 'proof') takeProof(message.writerKey, message.signature)
        else if (!message || !member?.hears(message))
          misbehaved('a message about links that is none, or not its to send')
      },
      leave: () => {
        hasEnded = true
        // When a node ends, all its links do in one turn: none of them takes over.
        if (member) queueMicrotask(member.leave)
      },
    }
  }
  const met = () =>
    new Map(
      [...pairs.met()].map(([key, { transport, isRelayed }]) => [
        key,
        { road: transport, relayed: isRelayed },
      ]),
    )
  return { start, met, look: pairs.look }
}

import { PROOF } from '../../protocol/extensions.js'
import { endOfHave } from '../../protocol/replication-messages.js'
import type { Replication, ReplicationOptions } from './database.js'
import { type Claim, GuardedProtocol } from './guarded-protocol.js'
import { HELD_EXTENSION } from './held.js'
import { HEAD_EXTENSION } from './own/head-link.js'
import { SEAL_EXTENSION, type SealKeeper } from './seal-keeper.js'

/** The least that hypercore answers for. It counts only the answers to a million. */
const PROBED_BLOCKS = 8_192

export interface ReplicationParts {
  readonly id: Buffer
  readonly discoveryKey: Buffer
  readonly options: ReplicationOptions
  readonly seals: SealKeeper
  /** The peer says how much it holds. */
  onHeld(bytes: Uint8Array): void
  /** The peer asks for a proof of what is held here, or gives one. */
  onProof(bytes: Uint8Array): void
  /** The peer asks for the head of a feed, or tells one. */
  onHead(bytes: Uint8Array): void
  /** The peer says that it has blocks of a feed, up to a length. */
  onClaim(discoveryKey: Buffer, length: number): void
  /** A block of a feed does not fit. True when that feed alone is left alone on this link. */
  contains(discoveryKey: Buffer, error: Error): boolean
  /** Lets hyperdb replicate over the stream. Called once. */
  onBegin(isTwin: boolean): void
  onFault(error: unknown): void
}

export interface OpenReplication extends Replication {
  readonly stream: GuardedProtocol
  /** Shows the peer our seal, if there is one and it has said hello. */
  sendSeal(): void
}

/** One guarded stream with its extensions; whoever makes it lets hyperdb replicate over it. */
export const createReplication = (parts: ReplicationParts): OpenReplication => {
  const { discoveryKey, options, seals, onFault } = parts
  const originChannel = discoveryKey.toString('hex')
  const guarded = (run: () => void) => {
    try {
      run()
    } catch (error) {
      onFault(error)
    }
  }
  const stream = new GuardedProtocol({
    id: parts.id,
    extensions: [
      ...new Set([...options.extensions, SEAL_EXTENSION, HELD_EXTENSION, HEAD_EXTENSION, PROOF]),
    ].sort(),
    onExtension(name, bytes) {
      if (name === SEAL_EXTENSION) seals.compare(bytes)
      else if (name === HELD_EXTENSION) parts.onHeld(bytes)
      else if (name === PROOF) parts.onProof(bytes)
      else if (name === HEAD_EXTENSION) guarded(() => parts.onHead(bytes))
      else guarded(() => options.onExtension(name, bytes))
    },
    admits: (feed: Buffer, claim: Claim) => {
      if (claim.type === 'have') parts.onClaim(feed, endOfHave(claim.message))
      return !feed.equals(discoveryKey) || seals.admits(claim)
    },
    contains: parts.contains,
    onFault,
  })
  const send = (extension: string, bytes: Uint8Array): boolean => {
    const channel = stream._feeds[originChannel]
    if (stream.destroyed || !channel || channel.id < 0 || !stream.remoteSupports(extension)) return false
    channel.extension(extension, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    return true
  }
  const sendSeal = () => {
    if (seals.seal) send(SEAL_EXTENSION, seals.seal)
  }
  let hasBegun = false
  stream.on('handshake', () => {
    sendSeal()
    guarded(() => options.onHandshake())
  })
  return {
    stream,
    send,
    sendSeal,
    supports: (extension) => stream.remoteSupports(extension),
    probe: () => {
      const channel = stream._feeds[originChannel]
      // hypercore answers each Want with what it has, which is news or is not.
      if (hasBegun && stream.remoteId && channel?.peer) channel.want({ start: 0, length: PROBED_BLOCKS })
    },
    begin: (isTwin = false) => {
      if (hasBegun || stream.destroyed) return
      hasBegun = true
      parts.onBegin(isTwin)
    },
    get blocksReceived() {
      return stream.blocksReceived
    },
    get blocksSent() {
      return stream.blocksSent
    },
    get bytesReceived() {
      return stream.bytesReceived
    },
    get bytesSent() {
      return stream.bytesSent
    },
    get bytesWaiting() {
      return stream._readableState.length
    },
  }
}

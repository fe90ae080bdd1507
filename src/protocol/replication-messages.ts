import {
  MAX_BITFIELD_BLOCKS,
  MAX_BLOCK_BYTES,
  MAX_EXTENSIONS,
  MAX_FEED_LENGTH,
  MAX_HAVE_RUN,
  MAX_PROOF_NODES,
} from './limits.js'
import { endOfVarint, readVarint, visitFields } from './wire-fields.js'

/**
 * hypercore-protocol 6's messages, decoded strictly and checked against our limits in one go: what a parser here answers is
 * safe to hand to hypercore, and `undefined` means that no honest peer sends this.
 */

export interface FeedMessage {
  discoveryKey: Uint8Array
  nonce: Uint8Array | null
}
export interface HandshakeMessage {
  id: Uint8Array | null
  live: boolean
  userData: Uint8Array | null
  extensions: string[]
  ack: boolean
}
export interface InfoMessage {
  uploading: boolean
  downloading: boolean
}
export interface HaveMessage {
  start: number
  length: number
  bitfield: Uint8Array | null
  ack: boolean
}
export interface RangeMessage {
  start: number
  length: number
}
export interface RequestMessage {
  index: number
  bytes: number
  hash: boolean
  nodes: number
}
export interface ProofNode {
  index: number
  hash: Uint8Array
  size: number
}
export interface DataMessage {
  index: number
  value: Uint8Array
  nodes: ProofNode[]
  signature: Uint8Array | null
}

export type ReplicationMessage =
  | { type: 'handshake'; code: 1; message: HandshakeMessage }
  | { type: 'info'; code: 2; message: InfoMessage }
  | { type: 'have'; code: 3; message: HaveMessage }
  | { type: 'unhave'; code: 4; message: RangeMessage }
  | { type: 'want'; code: 5; message: RangeMessage }
  | { type: 'unwant'; code: 6; message: RangeMessage }
  | { type: 'request'; code: 7; message: RequestMessage }
  | { type: 'cancel'; code: 8; message: RequestMessage }
  | { type: 'data'; code: 9; message: DataMessage }

type Parser<T> = (bytes: Uint8Array, start: number, end: number) => T | undefined

/** A handshake's id and user data are small. */
const MAX_HANDSHAKE_BYTES = 4 * 1024
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The message that opens a channel: 32-byte discovery key, and on the first of a connection a 24-byte nonce. */
export const parseFeed: Parser<FeedMessage> = (bytes, start, end) => {
  let discoveryKey: Uint8Array | undefined
  let nonce: Uint8Array | null = null
  const ok = visitFields(bytes, start, end, (tag, isBytes, _value, from, to) => {
    if (tag !== 1 && tag !== 2) return true
    if (!isBytes) return false
    if (tag === 1) discoveryKey = bytes.subarray(from, to)
    else nonce = bytes.subarray(from, to)
    return to - from === (tag === 1 ? 32 : 24)
  })
  return ok && discoveryKey ? { discoveryKey, nonce } : undefined
}

export const parseHandshake: Parser<HandshakeMessage> = (bytes, start, end) => {
  if (end - start > MAX_HANDSHAKE_BYTES) return undefined
  const message: HandshakeMessage = { id: null, live: false, userData: null, extensions: [], ack: false }
  const ok = visitFields(bytes, start, end, (tag, isBytes, value, from, to) => {
    if (tag > 5) return true
    if (isBytes !== (tag === 1 || tag === 3 || tag === 4)) return false
    if (tag === 1) message.id = bytes.subarray(from, to)
    else if (tag === 2) message.live = value > 0
    else if (tag === 3) message.userData = bytes.subarray(from, to)
    else if (tag === 5) message.ack = value > 0
    else {
      try {
        message.extensions.push(decoder.decode(bytes.subarray(from, to)))
      } catch {
        return false
      }
    }
    return message.extensions.length <= MAX_EXTENSIONS
  })
  return ok ? message : undefined
}

export const parseInfo: Parser<InfoMessage> = (bytes, start, end) => {
  const message = { uploading: false, downloading: false }
  const ok = visitFields(bytes, start, end, (tag, isBytes, value) => {
    if (tag === 1) message.uploading = value > 0
    else if (tag === 2) message.downloading = value > 0
    return tag > 2 || !isBytes
  })
  return ok ? message : undefined
}

/** What is in a run-length-encoded bitfield, found without decoding it. */
export interface BitfieldSummary {
  /** Bytes it decodes to. */
  readonly bytes: number
  /** The position of its last set bit, or -1. */
  readonly last: number
}

/** Scans a bitfield of the `bitfield-rle` format at `[start, end)`. Undefined when broken or over {@link MAX_BITFIELD_BLOCKS}. */
export const summariseBitfield: Parser<BitfieldSummary> = (rle, start, end) => {
  let bytes = 0
  let last = -1
  let offset = start
  while (offset < end) {
    const head = readVarint(rle, offset, end)
    if (head < 0) return undefined
    offset = endOfVarint()
    const repeats = head % 2 === 1
    const length = repeats ? Math.floor(head / 4) : head / 2
    if (bytes + length > MAX_BITFIELD_BLOCKS / 8) return undefined
    if (repeats) {
      if (head % 4 === 3 && length > 0) last = (bytes + length) * 8 - 1
    } else {
      if (offset + length > end) return undefined
      for (let i = length - 1; i >= 0; i--) {
        const byte = rle[offset + i]!
        if (byte === 0) continue
        // A byte's first bit is its highest, so its last set bit is its lowest.
        last = (bytes + i) * 8 + Math.clz32(byte & -byte) - 24
        break
      }
      offset += length
    }
    bytes += length
  }
  return { bytes, last }
}

export const parseHave: Parser<HaveMessage> = (bytes, start, end) => {
  const message: HaveMessage = { start: -1, length: 1, bitfield: null, ack: false }
  const ok = visitFields(bytes, start, end, (tag, isBytes, value, from, to) => {
    if (tag > 4) return true
    if (isBytes !== (tag === 3)) return false
    if (tag === 1) message.start = value
    else if (tag === 2) message.length = value
    else if (tag === 3) message.bitfield = bytes.subarray(from, to)
    else message.ack = value > 0
    return true
  })
  if (!ok || message.start < 0) return undefined
  if (!message.bitfield) return isRun(message) ? message : undefined
  // hypercore reads a bitfield in whole pages of its own, and throws on half ones.
  if (message.start % 8192 !== 0 || message.length > MAX_BITFIELD_BLOCKS) return undefined
  const summary = summariseBitfield(message.bitfield, 0, message.bitfield.length)
  return summary && message.start + summary.bytes * 8 <= MAX_FEED_LENGTH ? message : undefined
}

/** The first block after everything that a Have claims. */
export const endOfHave = (have: HaveMessage): number => {
  if (!have.bitfield) return have.start + (have.length || 1)
  const summary = summariseBitfield(have.bitfield, 0, have.bitfield.length)
  return summary && summary.last >= 0 ? have.start + summary.last + 1 : 0
}

const isRun = ({ start, length }: RangeMessage): boolean =>
  length <= MAX_HAVE_RUN && start + (length || 1) <= MAX_FEED_LENGTH

const parseRange =
  (defaultLength: number): Parser<RangeMessage> =>
  (bytes, start, end) => {
    const message = { start: -1, length: defaultLength }
    const ok = visitFields(bytes, start, end, (tag, isBytes, value) => {
      if (tag === 1) message.start = value
      else if (tag === 2) message.length = value
      return tag > 2 || !isBytes
    })
    return ok && message.start >= 0 ? message : undefined
  }

const parseRun = parseRange(1)
const parseRegion = parseRange(0)

export const parseUnhave: Parser<RangeMessage> = (bytes, start, end) => {
  const message = parseRun(bytes, start, end)
  return message && isRun(message) ? message : undefined
}

/** hypercore wants whole regions of {@link MAX_BITFIELD_BLOCKS}, and allocates what it is asked for. */
export const parseWant: Parser<RangeMessage> = (bytes, start, end) => {
  const message = parseRegion(bytes, start, end)
  if (!message || message.start % MAX_BITFIELD_BLOCKS !== 0) return undefined
  return message.start < MAX_FEED_LENGTH && message.length <= MAX_BITFIELD_BLOCKS ? message : undefined
}

export const parseUnwant: Parser<RangeMessage> = parseRegion

/** A request for one block. Seeks by byte and requests for hashes alone are parts of hypercore that no hypha uses. */
export const parseRequest: Parser<RequestMessage> = (bytes, start, end) => {
  const message = { index: -1, bytes: 0, hash: false, nodes: 0 }
  const ok = visitFields(bytes, start, end, (tag, isBytes, value) => {
    if (tag === 1) message.index = value
    else if (tag === 2) message.bytes = value
    else if (tag === 3) message.hash = value > 0
    else if (tag === 4) message.nodes = value
    return tag > 4 || !isBytes
  })
  if (!ok || message.index < 0 || message.index >= MAX_FEED_LENGTH) return undefined
  return message.bytes === 0 && !message.hash ? message : undefined
}

const parseNode: Parser<ProofNode> = (bytes, start, end) => {
  const node = { index: -1, hash: bytes.subarray(0, 0), size: -1 }
  const ok = visitFields(bytes, start, end, (tag, isBytes, value, from, to) => {
    if (tag > 3) return true
    if (isBytes !== (tag === 2)) return false
    if (tag === 1) node.index = value
    else if (tag === 2) node.hash = bytes.subarray(from, to)
    else node.size = value
    return true
  })
  if (!ok || node.hash.length !== 32 || node.index < 0 || node.size < 0) return undefined
  return endOfNode(node.index) <= MAX_FEED_LENGTH ? node : undefined
}

/** The first block after those that a node of hypercore's tree (a flat tree) spans. */
export const endOfNode = (index: number): number => {
  let width = 1
  while (index % 2 === 1) {
    index = (index - 1) / 2
    width *= 2
  }
  return (index / 2 + 1) * width
}

/** A block with its proof. Without a value it would be an answer to a request for a hash, which we never ask for. */
export const parseData: Parser<DataMessage> = (bytes, start, end) => {
  let index = -1
  let value: Uint8Array | undefined
  let signature: Uint8Array | null = null
  const nodes: ProofNode[] = []
  const ok = visitFields(bytes, start, end, (tag, isBytes, number, from, to) => {
    if (tag > 4) return true
    if (isBytes !== tag > 1) return false
    if (tag === 1) index = number
    else if (tag === 2) value = bytes.subarray(from, to)
    else if (tag === 4) {
      signature = bytes.subarray(from, to)
      return to - from === 64
    } else {
      const node = parseNode(bytes, from, to)
      if (!node || nodes.length === MAX_PROOF_NODES) return false
      nodes.push(node)
    }
    return true
  })
  if (!ok || !value || index < 0 || index >= MAX_FEED_LENGTH || value.length > MAX_BLOCK_BYTES)
    return undefined
  return { index, value, nodes, signature }
}

/** The first block after everything that a Data message proves to exist. */
export const endOfData = (data: DataMessage): number =>
  data.nodes.reduce((end, node) => Math.max(end, endOfNode(node.index)), data.index + 1)

/** A channel's message by its type number, 1 to 9. */
export const parseReplicationMessage = (
  code: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): ReplicationMessage | undefined => {
  const as = <T, R>(message: T | undefined, wrap: (message: T) => R): R | undefined =>
    message === undefined ? undefined : wrap(message)
  switch (code) {
    case 1:
      return as(parseHandshake(bytes, start, end), (message) => ({ type: 'handshake', code, message }))
    case 2:
      return as(parseInfo(bytes, start, end), (message) => ({ type: 'info', code, message }))
    case 3:
      return as(parseHave(bytes, start, end), (message) => ({ type: 'have', code, message }))
    case 4:
      return as(parseUnhave(bytes, start, end), (message) => ({ type: 'unhave', code, message }))
    case 5:
      return as(parseWant(bytes, start, end), (message) => ({ type: 'want', code, message }))
    case 6:
      return as(parseUnwant(bytes, start, end), (message) => ({ type: 'unwant', code, message }))
    case 7:
      return as(parseRequest(bytes, start, end), (message) => ({ type: 'request', code, message }))
    case 8:
      return as(parseRequest(bytes, start, end), (message) => ({ type: 'cancel', code, message }))
    case 9:
      return as(parseData(bytes, start, end), (message) => ({ type: 'data', code, message }))
    default:
      return undefined
  }
}

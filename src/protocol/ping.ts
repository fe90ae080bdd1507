/** The heartbeat's messages, under the extension `hypha-ping`: what is asked comes back under the same id. */
export interface Ping {
  readonly kind: 'ping' | 'pong'
  /** Chosen by who asks: a whole number below 2³². */
  readonly id: number
}

const KINDS = ['ping', 'pong'] as const
const BYTES = 5

/** A byte for the kind and four for the id, big-endian. */
export const encodePing = ({ kind, id }: Ping): Uint8Array => {
  const bytes = new Uint8Array(BYTES)
  bytes[0] = KINDS.indexOf(kind)
  new DataView(bytes.buffer).setUint32(1, id)
  return bytes
}

/** Undefined for what is none. */
export const decodePing = (bytes: Uint8Array): Ping | undefined => {
  const kind = bytes.length === BYTES ? KINDS[bytes[0] as number] : undefined
  return kind && { kind, id: new DataView(bytes.buffer, bytes.byteOffset, BYTES).getUint32(1) }
}

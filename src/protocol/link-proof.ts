import { concat, utf8 } from './bytes.js'

const CONTEXT = utf8('hypha-runtime/link/1\0')
export const LINK_NONCE_BYTES = 32

/**
 * What two nodes say about the links between them, under the extension `hypha-link`. Who each of them is, is proven on each
 * link. Then the one with the lesser writer key, the leader, says which of the links is used; the others stay as spares.
 */
export type LinkMessage =
  /** What tells this run of the node from others (run-id.ts), and random bytes, 32 in all: what the other end's proof has to sign. */
  | { readonly type: 'hello'; readonly nonce: Uint8Array }
  /** The writer key, 32 bytes, and its signature over {@link linkProofBytes}, 64 bytes. */
  | { readonly type: 'proof'; readonly writerKey: Uint8Array; readonly signature: Uint8Array }
  /** By the leader: from here on the database replicates over this link. A higher serial takes the place of a lower one. */
  | { readonly type: 'use'; readonly serial: number }
  /** By the other, on a spare: the link of that serial is gone. */
  | { readonly type: 'lost'; readonly serial: number }

const HELLO = 1
const PROOF = 2
const USE = 3
const LOST = 4
/** In each hello. Another layout would be another extension. */
const VERSION = 1

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

const numbered = (kind: number, serial: number): Uint8Array => {
  const bytes = new Uint8Array(5)
  bytes[0] = kind
  new DataView(bytes.buffer).setUint32(1, serial)
  return bytes
}

export const encodeLinkMessage = (message: LinkMessage): Uint8Array => {
  switch (message.type) {
    case 'hello':
      return concat(Uint8Array.of(HELLO, VERSION), message.nonce)
    case 'proof':
      return concat(Uint8Array.of(PROOF), message.writerKey, message.signature)
    case 'use':
      return numbered(USE, message.serial)
    case 'lost':
      return numbered(LOST, message.serial)
  }
}

/** Undefined for what is none. What it gives are copies. */
export const decodeLinkMessage = (bytes: Uint8Array): LinkMessage | undefined => {
  const { length } = bytes
  switch (bytes[0]) {
    case HELLO:
      if (length !== 2 + LINK_NONCE_BYTES || bytes[1] !== VERSION) return undefined
      return { type: 'hello', nonce: bytes.slice(2) }
    case PROOF:
      if (length !== 1 + KEY_BYTES + SIGNATURE_BYTES) return undefined
      return {
        type: 'proof',
        writerKey: bytes.slice(1, 1 + KEY_BYTES),
        signature: bytes.slice(1 + KEY_BYTES),
      }
    case USE:
    case LOST:
      if (length !== 5) return undefined
      return {
        type: bytes[0] === USE ? 'use' : 'lost',
        serial: new DataView(bytes.buffer, bytes.byteOffset, length).getUint32(1),
      }
    default:
      return undefined
  }
}

/** What a proof signs. The nonces say which link it is for, and in which direction. */
export const linkProofBytes = (about: {
  readonly discoveryKey: Uint8Array
  readonly verifierNonce: Uint8Array
  readonly proverNonce: Uint8Array
}): Uint8Array => concat(CONTEXT, about.discoveryKey, about.verifierNonce, about.proverNonce)

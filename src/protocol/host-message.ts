import { concat } from './bytes.js'
import type { ClaimProof } from './claim.js'

/**
 * What an always-on node and a node of the person's say to each other once they have shaken hands, under the extension
 * `hypha-host`. Whoever knows the hyphalink can connect; a node that has the passphrase's keys proves that it is the person's,
 * and keeps its connection when there are too many.
 */
export type HostMessage =
  /** By the always-on node. `nonce`: 32 bytes, for the proof to sign. `isEmpty`: nothing of this hypha is here yet. */
  | { readonly type: 'ask'; readonly nonce: Uint8Array; readonly isEmpty: boolean }
  | ({ readonly type: 'proof' } & ClaimProof)

const ASK = 1
const PROOF = 2
/** In each `ask`. Another layout would be another extension. */
const VERSION = 1
const NONCE_BYTES = 32
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

export const encodeHostMessage = (message: HostMessage): Uint8Array =>
  message.type === 'ask'
    ? concat(Uint8Array.of(ASK, VERSION, message.isEmpty ? 1 : 0), message.nonce)
    : concat(Uint8Array.of(PROOF), message.claimKey, message.certificate, message.signature)

/** Undefined for what is none. What it gives are copies. */
export const decodeHostMessage = (bytes: Uint8Array): HostMessage | undefined => {
  const { length } = bytes
  if (bytes[0] === ASK) {
    const [, version, empty = 2] = bytes
    if (length !== 3 + NONCE_BYTES || version !== VERSION || empty > 1) return undefined
    return { type: 'ask', nonce: bytes.slice(3), isEmpty: empty === 1 }
  }
  if (bytes[0] !== PROOF || length !== 1 + KEY_BYTES + 2 * SIGNATURE_BYTES) return undefined
  return {
    type: 'proof',
    claimKey: bytes.slice(1, 1 + KEY_BYTES),
    certificate: bytes.slice(1 + KEY_BYTES, 1 + KEY_BYTES + SIGNATURE_BYTES),
    signature: bytes.slice(1 + KEY_BYTES + SIGNATURE_BYTES),
  }
}

import { concat } from './bytes.js'
import { MAX_FRAME_BYTES } from './limits.js'
import { decodeField, encodeField } from './protobuf.js'

/** The extension's name in the handshake, as in 2019. */
export const SECURE_EPHEMERAL = 'secure-ephemeral'

export const NONCE_BYTES = 24
export const MAC_BYTES = 16

/** A sealed message as it travels: XSalsa20-Poly1305 under the channel key. */
export interface SecureFrame {
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

export const encodeSecureFrame = ({ nonce, ciphertext }: SecureFrame): Uint8Array =>
  concat(encodeField(1, nonce), encodeField(2, ciphertext))

/** Exactly the two fields, in order, and nothing after them; anything else is undefined. The parts share the frame's bytes. */
export const decodeSecureFrame = (frame: Uint8Array): SecureFrame | undefined => {
  if (frame.length > MAX_FRAME_BYTES) return undefined
  const nonce = decodeField(frame, 0, 1)
  if (nonce?.value.length !== NONCE_BYTES) return undefined
  const ciphertext = decodeField(frame, nonce.end, 2)
  if (!ciphertext || ciphertext.value.length < MAC_BYTES || ciphertext.end !== frame.length) return undefined
  return { nonce: nonce.value, ciphertext: ciphertext.value }
}

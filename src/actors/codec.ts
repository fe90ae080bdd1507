import type { Keyring } from '../adapters/crypto/keyring.js'
import { decodeEphemeral, encodeEphemeral } from '../protocol/ephemeral.js'
import { EPHEMERAL, SECURE_EPHEMERAL } from '../protocol/extensions.js'

/** How a channel's plaintext becomes the frames of an extension, and back. */
export interface Codec {
  readonly extension: string
  /** Whether many messages may be one frame, on an extension of its own. */
  readonly packs: boolean
  seal(plaintext: Uint8Array): Uint8Array
  /** Undefined for what is not of this channel. Never throws. */
  open(frame: Uint8Array): Uint8Array | undefined
}

/** The person's channel: sealed under the channel key. */
export const secureCodec = (keyring: Keyring): Codec => ({
  extension: SECURE_EPHEMERAL,
  packs: true,
  seal: (plaintext) => keyring.sealFrame(plaintext),
  open: (frame) => keyring.openFrame(frame),
})

const JSON_TYPE = 'application/json'

/** DEP-0000: readable and writable by everybody who has the hyphalink. Nothing in it is to be believed. */
export const plainCodec = (): Codec => ({
  extension: EPHEMERAL,
  packs: false,
  seal: (plaintext) => encodeEphemeral({ contentType: JSON_TYPE, payload: plaintext }),
  open: (frame) => {
    const message = decodeEphemeral(frame)
    return message?.contentType === JSON_TYPE ? message.payload : undefined
  },
})

import { concat, fromUtf8, utf8 } from './bytes.js'
import { MAX_FRAME_BYTES } from './limits.js'
import { decodeField, encodeField } from './protobuf.js'

/** The extension's name in the handshake: DEP-0000. */
export const EPHEMERAL = 'ephemeral'

/** A message that anyone on the connection reads and anyone can have written. */
export interface EphemeralMessage {
  /** A MIME type. */
  readonly contentType: string | undefined
  readonly payload: Uint8Array
}

export const encodeEphemeral = ({ contentType, payload }: EphemeralMessage): Uint8Array =>
  concat(
    contentType === undefined ? new Uint8Array(0) : encodeField(1, utf8(contentType)),
    encodeField(2, payload),
  )

const MAX_CONTENT_TYPE_BYTES = 256

/** Content type (which the DEP lets be left out), then payload, and nothing after; anything else is undefined. */
export const decodeEphemeral = (frame: Uint8Array): EphemeralMessage | undefined => {
  if (frame.length > MAX_FRAME_BYTES) return undefined
  const type = decodeField(frame, 0, 1)
  const payload = decodeField(frame, type?.end ?? 0, 2)
  if (!payload || payload.end !== frame.length) return undefined
  if (!type) return { contentType: undefined, payload: payload.value }
  if (type.value.length > MAX_CONTENT_TYPE_BYTES) return undefined
  try {
    return { contentType: fromUtf8(type.value), payload: payload.value }
  } catch {
    return undefined
  }
}

import { concat } from './bytes.js'

/**
 * As much of protocol buffers as our frames need: length-delimited fields. A library's decoder is lenient (unknown
 * fields, any order, repeats); a stranger's bytes get this strict one instead.
 */

const LENGTH_DELIMITED = 2
/** 28 bits: more than the largest frame. */
const MAX_VARINT_BYTES = 4

const encodeVarint = (value: number): Uint8Array => {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.of(...bytes, rest)
}

const decodeVarint = (bytes: Uint8Array, start: number): { value: number; end: number } | undefined => {
  let value = 0
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) return undefined
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { value, end: start + i + 1 }
  }
  return undefined
}

/** @param field number of the field, 1 to 15 */
export const encodeField = (field: number, bytes: Uint8Array): Uint8Array =>
  concat(Uint8Array.of((field << 3) | LENGTH_DELIMITED), encodeVarint(bytes.length), bytes)

/** A length-delimited field that starts here and ends inside the bytes (which it shares), or undefined. */
export const decodeField = (
  bytes: Uint8Array,
  start: number,
  field: number,
): { value: Uint8Array; end: number } | undefined => {
  if (bytes[start] !== ((field << 3) | LENGTH_DELIMITED)) return undefined
  const length = decodeVarint(bytes, start + 1)
  if (!length || length.value > bytes.length - length.end) return undefined
  const end = length.end + length.value
  return { value: bytes.subarray(length.end, end), end }
}

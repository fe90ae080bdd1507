/**
 * A strict reader for protocol buffers that strangers send. The generated decoders clamp what is out of bounds, and a varint
 * of 150 bytes turns their offset into NaN, which is 0, which is an endless loop: nothing hostile may reach them.
 */

/** The end of the last varint read, valid after {@link readVarint} answered 0 or more. */
let varintEnd = 0

/** A varint of at most 8 bytes and 53 bits within `[start, end)`, or -1. */
export const readVarint = (bytes: Uint8Array, start: number, end: number): number => {
  let value = 0
  let factor = 1
  for (let i = start; i < end && i < start + 8; i++) {
    const byte = bytes[i]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) {
      varintEnd = i + 1
      return value <= Number.MAX_SAFE_INTEGER ? value : -1
    }
    factor *= 128
  }
  return -1
}

/** Where the varint that was read last ended. */
export const endOfVarint = (): number => varintEnd

/**
 * Hears one field. A varint's `value` is its number; of bytes it is their length, and they lie at `[from, to)`. Answers
 * false to refuse the whole message.
 */
export type FieldVisitor = (tag: number, isBytes: boolean, value: number, from: number, to: number) => boolean

/**
 * Visits the fields of one message at `[start, end)`. False when its structure is broken or the visitor refused. Fixed-width
 * fields, which no message of ours has, are stepped over; groups are refused.
 */
export const visitFields = (bytes: Uint8Array, start: number, end: number, visit: FieldVisitor): boolean => {
  if (start > end || end > bytes.length) return false
  let offset = start
  while (offset < end) {
    const prefix = readVarint(bytes, offset, end)
    if (prefix < 8) return false
    offset = varintEnd
    const tag = Math.floor(prefix / 8)
    const type = prefix % 8
    if (type === 0 || type === 2) {
      const value = readVarint(bytes, offset, end)
      if (value < 0) return false
      const from = varintEnd
      offset = type === 2 ? from + value : from
      if (offset > end || !visit(tag, type === 2, value, from, offset)) return false
    } else if (type === 1 || type === 5) {
      offset += type === 1 ? 8 : 4
      if (offset > end) return false
    } else return false
  }
  return true
}

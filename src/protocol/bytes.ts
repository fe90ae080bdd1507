/** Bytes and their spellings. Hex is lower case, base64url has no padding. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** More arguments than this a call may not take. */
const MAX_DIGITS = 1_024

export const toHex = (bytes: Uint8Array): string => {
  let hex = ''
  for (let start = 0; start < bytes.length; start += MAX_DIGITS / 2) {
    const units: number[] = []
    for (const byte of bytes.subarray(start, start + MAX_DIGITS / 2))
      units.push(DIGITS[byte >> 4]!, DIGITS[byte & 15]!)
    hex += String.fromCharCode(...units)
  }
  return hex
}

/** What a lower-case hexadecimal digit stands for. */
const digit = (unit: number): number => (unit < 0x3a ? unit - 0x30 : unit - 0x57)

/** The bytes of a hex string of exactly `length` bytes, or undefined: never a guess. */
export const fromHex = (hex: unknown, length: number): Uint8Array | undefined => {
  if (typeof hex !== 'string' || hex.length !== length * 2 || !/^[0-9a-f]*$/.test(hex)) return undefined
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++)
    bytes[i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1))
  return bytes
}

export const concat = (...parts: Uint8Array[]): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** Not constant time: for public bytes only. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Protocol buffers by hand, right or wrong, for tests that speak the wire. */

export const varint = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

/** A field: a number, or bytes. */
export const field = (tag: number, value: number | readonly number[] | Uint8Array): number[] =>
  typeof value === 'number'
    ? [...varint(tag * 8), ...varint(value)]
    : [...varint(tag * 8 + 2), ...varint(value.length), ...value]

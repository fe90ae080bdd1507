type Fields = { readonly [name: string]: unknown }

/** What tells the items of a list apart, whatever their places. */
const IDENTITIES = ['id', 'writerKey', 'key']

const isPlain = (value: unknown): value is Fields => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const identityOf = (item: unknown): unknown => {
  if (!isPlain(item)) return undefined
  const name = IDENTITIES.find((candidate) => typeof item[candidate] === 'string')
  return name === undefined ? undefined : item[name]
}

const shareList = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] => {
  const known = new Map(before.map((item) => [identityOf(item), item]))
  const shared = after.map((item, i) => {
    const identity = identityOf(item)
    return share(identity === undefined ? before[i] : known.get(identity), item)
  })
  const isSame = shared.length === before.length && shared.every((item, i) => Object.is(item, before[i]))
  return isSame ? before : Object.freeze(shared)
}

const shareFields = (before: Fields, after: Fields): Fields => {
  const names = Object.keys(after)
  const shared = Object.fromEntries(names.map((name) => [name, share(before[name], after[name])]))
  const isSame =
    names.length === Object.keys(before).length &&
    names.every((name) => Object.hasOwn(before, name) && Object.is(shared[name], before[name]))
  return isSame ? before : Object.freeze(shared)
}

/**
 * The newer one of two values made of plain objects and arrays, with every part of the older one that says the same: whoever
 * compares by identity sees what changed, and nothing else.
 */
export function share<Value>(before: Value | undefined, after: Value): Value
export function share(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before
  if (Array.isArray(before) && Array.isArray(after)) return shareList(before, after)
  return isPlain(before) && isPlain(after) ? shareFields(before, after) : after
}

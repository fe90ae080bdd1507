import type { Entry } from '../../api.js'
import { share } from './share.js'

/** The new entry, or the old one when nothing was written between these two. */
const keep = (before: Entry, after: Entry): Entry => share(before, after)

/** All entries anew, in key order, where possible the objects that were there before; the same list when nothing changed. */
export const replaceEntries = (before: readonly Entry[], after: readonly Entry[]): readonly Entry[] => {
  let at = 0
  const kept = after.map((entry) => {
    while (at < before.length && before[at]!.key < entry.key) at++
    const known = before[at]
    return known?.key === entry.key ? keep(known, entry) : entry
  })
  const isSame = kept.length === before.length && kept.every((entry, i) => entry === before[i])
  return isSame ? before : Object.freeze(kept)
}

/** The entries in key order with what became of some; undefined for what was deleted. The same list when nothing changed. */
export const mergeEntries = (
  before: readonly Entry[],
  changes: ReadonlyMap<string, Entry | undefined>,
): readonly Entry[] => {
  const keys = [...changes.keys()].sort((a, b) => (a < b ? -1 : 1))
  const merged: Entry[] = []
  let isSame = true
  let at = 0
  for (const key of keys) {
    while (at < before.length && before[at]!.key < key) merged.push(before[at++]!)
    const known = before[at]?.key === key ? before[at++] : undefined
    const change = changes.get(key)
    const entry = known && change ? keep(known, change) : change
    if (entry !== known) isSame = false
    if (entry) merged.push(entry)
  }
  if (isSame) return before
  while (at < before.length) merged.push(before[at++]!)
  return Object.freeze(merged)
}

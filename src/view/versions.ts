import type { HistoryEntry } from '../adapters/database/database.js'
import { UnreadValue } from '../protocol/entry.js'
import { compare, knows, type Ranked, weigh } from './causality.js'
import { freeze } from './freeze.js'
import type { DecodedEntry, Pointer, Version } from './types.js'

/** An entry's value is kept in memory up to this many encoded bytes; of a larger one only its place is. */
export const INLINE_VALUE_BYTES = 4 * 1024

/** A class, for one lean shape in memory. */
class Held implements Version, Ranked {
  /** The value, or what it is parsed from when it is first read. */
  #held: unknown
  readonly author: string
  readonly feed: number
  readonly seq: number
  readonly weight: number
  readonly time: number
  readonly public: boolean
  readonly writtenAs: string | undefined

  constructor(
    entry: HistoryEntry,
    { value, time, public: isPublic, writtenAs }: DecodedEntry,
    author: string,
  ) {
    const isLarge = (entry.value?.length ?? 0) > INLINE_VALUE_BYTES
    this.#held = isLarge ? undefined : value instanceof UnreadValue ? value : freeze(value)
    this.author = author
    this.feed = entry.feed
    this.seq = entry.seq
    this.weight = weigh(entry)
    this.time = time
    this.public = isPublic
    this.writtenAs = writtenAs
  }

  get value(): unknown {
    if (this.#held instanceof UnreadValue) this.#held = freeze(this.#held.read())
    return this.#held
  }

  get pointer(): Pointer | undefined {
    return this.#held === undefined ? { feed: this.feed, seq: this.seq } : undefined
  }
}

/**
 * The values that a name reads as: one, or the several of a conflict with the winner first. Never changed in place, since iterations
 * hold on to it. There is at most one a feed (a writer's later entry supersedes its earlier one), so adding an entry costs no more than
 * reading its clock does.
 *
 * A deletion leaves nothing behind: what it superseded came before it, and nothing that comes later lies in its past.
 */
export type Versions = Held | readonly Held[]

export const winner = (versions: Versions): Version => (versions instanceof Held ? versions : versions[0]!)

export const list = (versions: Versions): readonly Version[] =>
  versions instanceof Held ? [versions] : versions

export const isSame = (before: Versions | undefined, after: Versions | undefined): boolean => {
  if (before === after) return true
  if (!before || !after) return false
  const [were, are] = [list(before), list(after)]
  return were.length === are.length && were.every((version, i) => version === are[i])
}

/** The values after an entry; undefined when none is left. */
export const supersede = (
  before: Versions | undefined,
  entry: HistoryEntry,
  decoded: DecodedEntry,
  author: string,
): Versions | undefined => {
  const added = entry.deleted ? undefined : new Held(entry, decoded, author)
  if (!before) return added
  if (before instanceof Held) {
    if (knows(entry, before)) return added
    if (!added) return before
    return compare(added, before) > 0 ? [added, before] : [before, added]
  }
  const left = before.filter((version) => !knows(entry, version))
  if (added) {
    const place = left.findIndex((version) => compare(added, version) > 0)
    left.splice(place < 0 ? left.length : place, 0, added)
  }
  return left.length > 1 ? left : left[0]
}

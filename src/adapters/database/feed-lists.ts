import { toHex } from '../../protocol/bytes.js'
import { MAX_FEEDS_PER_CONNECTION } from '../../protocol/limits.js'
import type { FeedTrack, Pending } from './feed-track.js'
import { Introductions } from './introductions.js'

/** What blocks say of which feeds there are: whether a list can be one, and whether its feeds may be opened. */
export class FeedLists {
  readonly #isPublicKey: (bytes: Uint8Array) => boolean
  readonly #track: (key: string) => FeedTrack
  readonly #introductions = new Introductions()
  readonly #validKeys = new Set<string>()

  constructor(isPublicKey: (bytes: Uint8Array) => boolean, track: (key: string) => FeedTrack) {
    this.#isPublicKey = isPublicKey
    this.#track = track
  }

  /** The feeds that a decoded block lists, or what is wrong with its list. */
  read(track: FeedTrack, keys: readonly Uint8Array[]): readonly FeedTrack[] | string {
    const names = keys.map(toHex)
    const distinct = new Set(names)
    if (distinct.size < names.length || !distinct.has(track.key)) return 'it lists feeds wrongly'
    for (const [i, name] of names.entries()) {
      if (this.#validKeys.has(name)) continue
      if (!this.#isPublicKey(keys[i]!)) return 'it lists a feed whose key is none'
      this.#validKeys.add(name)
    }
    for (const name of names) track.listed.add(name)
    if (track.listed.size > MAX_FEEDS_PER_CONNECTION)
      return `it lists more than ${MAX_FEEDS_PER_CONNECTION} writers`
    return names.map(this.#track)
  }

  /** Why the feeds that a block lists may not be opened; undefined when they may, and are counted. */
  excess(track: FeedTrack, pending: Pending, open: number): string | undefined {
    const news = pending.list.filter(({ index }) => index < 0).length
    // One for the feed of a reader, which nobody lists.
    if (news > 0 && open + news > MAX_FEEDS_PER_CONNECTION + 1)
      return `there would be more than ${MAX_FEEDS_PER_CONNECTION} writers`
    return this.#introductions.count(track, pending)
  }

  /** Why a writer may not let in one more device, if it may not. */
  refusal(track: FeedTrack): string | undefined {
    return this.#introductions.refusal(track)
  }
}

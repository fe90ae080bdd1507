import { MAX_FEEDS_PER_CONNECTION, MAX_INTRODUCED_BY_ONE, shareOfFeeds } from '../../protocol/limits.js'
import type { FeedTrack, Pending } from './feed-track.js'

/** A block that lists a feed which nothing in its past had listed: its writer let that feed in. */
interface Introduction {
  readonly by: FeedTrack
  readonly seq: number
  /** Its writer, who let in that one, and so on up to the founding writer. */
  readonly line: readonly FeedTrack[]
}

/** Its place among the feeds. Nobody lets it in. */
const ORIGIN = 0
/** Two that let somebody in at the same moment know nothing of each other: what is here may be this much over a share. */
const CONCURRENT = 16

/**
 * Who let in whom, so that one writer gone bad can't take all the places that a hypha has for feeds. A writer may let in so
 * many feeds itself, and so many with all that come by these (its share): the founding writer's share is everything, each
 * other's a part of the share of who let it in, so that something is left for the rest.
 *
 * Whether a block goes beyond that follows from what lies in its own causal past, so every replica answers alike. Many
 * accomplices could each know of few others; that is why what is here is counted, too, with room for honest coincidence.
 */
export class Introductions {
  readonly #of = new Map<FeedTrack, Introduction[]>()

  /** Counts what the block lists, or says why it may not. All of its causal past has been counted. */
  count(track: FeedTrack, pending: Pending): string | undefined {
    const { seq, list } = pending
    const past = new Map<FeedTrack, number>()
    for (const [i, length] of (pending.entry?.clock ?? []).entries()) past.set(list[i]!, length)
    const isPast = ({ by, seq }: Introduction) => by === track || seq < (past.get(by) ?? 0)
    const isNew = (feed: FeedTrack) =>
      feed !== track && feed.index !== ORIGIN && !this.#of.get(feed)?.some(isPast)
    const news = list.filter(isNew)
    if (news.length === 0) return undefined
    const line = this.#lineOf(track, isPast)
    if (!line) return 'it lists feeds and does not know who let it in'
    const excess = this.#excess(line, isPast, news)
    if (excess) return excess
    for (const feed of news) {
      const known = this.#of.get(feed)
      const introduction = { by: track, seq, line }
      if (known) known.push(introduction)
      else this.#of.set(feed, [introduction])
    }
    return undefined
  }

  /** Why a writer may not let in one more now, if it may not. */
  refusal(track: FeedTrack): string | undefined {
    const line = this.#lineOf(track, () => true)
    return line && this.#excess(line, () => true, [undefined])
  }

  /** Undefined for who is not let in by anything that it knows. */
  #lineOf(
    track: FeedTrack,
    isPast: (introduction: Introduction) => boolean,
  ): readonly FeedTrack[] | undefined {
    if (track.index === ORIGIN) return []
    let first: Introduction | undefined
    for (const each of this.#of.get(track) ?? [])
      if (isPast(each) && (!first || each.by.key < first.by.key)) first = each
    return first && [track, ...first.line]
  }

  #excess(
    line: readonly FeedTrack[],
    isPast: (introduction: Introduction) => boolean,
    news: readonly (FeedTrack | undefined)[],
  ): string | undefined {
    const [self] = line
    let own = news.length
    const below = line.map(() => ({ known: news.length, here: news.length }))
    for (const [feed, introductions] of this.#of) {
      if (introductions.some(({ by }) => by === self)) own++
      line.forEach((each, i) => {
        const under = introductions.filter((introduction) => introduction.line.includes(each))
        if (under.length === 0 || news.includes(feed)) return
        below[i]!.here++
        if (under.some(isPast)) below[i]!.known++
      })
    }
    if (self && own > MAX_INTRODUCED_BY_ONE)
      return `more than ${MAX_INTRODUCED_BY_ONE} devices would have been let in by it`
    for (const [i, { known, here }] of below.entries()) {
      const share = shareOfFeeds(line.length - 1 - i)
      if (share < MAX_FEEDS_PER_CONNECTION && (known > share || here > share + CONCURRENT))
        return `more than ${share} devices would have come by one that is not the first of all`
    }
    return undefined
  }
}

import type { HistoryEntry } from '../../src/adapters/database/database.js'
import type { Decode, DecodedRecord } from '../../src/view/types.js'

interface Place {
  readonly feed: number
  readonly seq: number
}

/**
 * The view as its rules say it, over the whole history at once, in any order, with no care for time: what the real one is held to.
 */
export const createReference = (
  history: readonly HistoryEntry[],
  feeds: readonly string[],
  decode: Decode,
) => {
  const decoded = new Map(history.map((entry) => [entry, decode(entry)]))
  const keyOf = (feed: number): string => feeds[feed] ?? ''
  const inPast = (entry: HistoryEntry, place: Place): boolean =>
    entry.feed === place.feed ? place.seq < entry.seq : place.seq < (entry.clock[place.feed] ?? 0)
  const weight = (entry: HistoryEntry): number =>
    feeds.reduce((sum, _, feed) => sum + (feed === entry.feed ? entry.seq + 1 : (entry.clock[feed] ?? 0)), 0)

  const recordOf = (entry: HistoryEntry): DecodedRecord | undefined => {
    const content = decoded.get(entry)
    return content?.kind === 'record' && content.author === keyOf(entry.feed) && !entry.deleted
      ? content
      : undefined
  }
  const admits = (entry: HistoryEntry, feed: number): boolean =>
    entry.feed !== feed && recordOf(entry)?.target === keyOf(feed) && entry.authorised.includes(feed)
  const seal = history.find((entry) => entry.feed === 0 && entry.seq === 1)
  const isFounding = (feed: number): boolean => feed !== 0 && !!seal?.authorised.includes(feed)

  const known = new Map<HistoryEntry, boolean>()
  const counts = (entry: HistoryEntry): boolean => {
    const before = known.get(entry)
    if (before !== undefined) return before
    const answer =
      entry.feed !== 0 &&
      ((isFounding(entry.feed) && inPast(entry, { feed: 0, seq: 1 })) ||
        history.some((other) => inPast(entry, other) && admits(other, entry.feed) && counts(other)))
    known.set(entry, answer)
    return answer
  }

  const first = (a: HistoryEntry, b: HistoryEntry): number =>
    weight(a) - weight(b) || (keyOf(a.feed) < keyOf(b.feed) ? -1 : 1)

  const getAll = (name: string): HistoryEntry[] => {
    const all = history.filter((entry) => {
      const content = decoded.get(entry)
      return content?.kind === 'entry' && content.name === name && counts(entry)
    })
    return all
      .filter((entry) => !entry.deleted && !all.some((later) => inPast(later, entry)))
      .sort((a, b) => first(b, a))
  }

  const counting = () => history.filter(counts)
  /** Who let a feed in, the first of them first. Once it has written, only those whom it knew of by then have. */
  const admitting = (feed: number): HistoryEntry[] => {
    if (feed === 0) return []
    const all = counting()
    const opening = all.filter((entry) => entry.feed === feed).sort((a, b) => a.seq - b.seq)[0]
    return all.filter((entry) => admits(entry, feed) && (!opening || inPast(opening, entry))).sort(first)
  }

  const isOlder = (writerKey: string, than: string): boolean => {
    const [feed, other] = [feeds.indexOf(writerKey), feeds.indexOf(than)]
    const admission = isFounding(other) ? undefined : admitting(other)[0]
    if (isFounding(feed)) return admission !== undefined
    return admission !== undefined && admitting(feed).some((entry) => inPast(admission, entry))
  }

  const nodes = () => {
    const told = feeds.flatMap((writerKey, feed) => {
      const own = counting()
        .filter((entry) => entry.feed === feed && recordOf(entry)?.target === writerKey)
        .sort(first)
      const letIn = admitting(feed)
      const founding = isFounding(feed)
      if (feed === 0 || (!founding && letIn.length === 0)) return []
      const admitted = (founding ? own : letIn)[0]
      const named = own.filter((entry) => recordOf(entry)?.name !== undefined).at(-1)
      return [{ writerKey, founding, admitted, named: named ?? (founding ? undefined : admitted) }]
    })
    told.sort((a, b) => {
      if (a.founding !== b.founding) return a.founding ? -1 : 1
      if (!a.founding && a.admitted && b.admitted && a.admitted !== b.admitted)
        return first(a.admitted, b.admitted)
      return a.writerKey < b.writerKey ? -1 : 1
    })
    return told.map(({ writerKey, founding, admitted, named }) => ({
      writerKey,
      name: named && recordOf(named)?.name,
      authorisedBy: founding ? keyOf(0) : keyOf(admitted?.feed ?? 0),
      authorisedAt: admitted && recordOf(admitted)?.at,
      request: (admitted && recordOf(admitted)?.request) ?? '',
    }))
  }

  return { counts, getAll, nodes, isOlder }
}

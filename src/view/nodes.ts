import { compare, knows, type Place, type Ranked, weigh } from './causality.js'
import type { DecodedRecord, HistoryPlace, NodeInfo } from './types.js'

/** A record about a node, with the place in history that it was read from. */
interface PlacedRecord extends Ranked, HistoryPlace, Pick<DecodedRecord, 'name' | 'at' | 'request'> {}

/**
 * What is known of one admitted feed. Each part is the first or last of a set under one total order, or fixed by the feed's own
 * first entry, so the order of arrival does not matter.
 */
interface Known {
  founding: boolean
  /** Records that admitted it: the first of each author. */
  admissions: PlacedRecord[]
  /** Whether it has written: from then on only those who let it in before that count as such. */
  hasWritten: boolean
  /** Its first record about itself. */
  introduced: PlacedRecord | undefined
  /** Its last record about itself whose name could be opened. */
  renamed: PlacedRecord | undefined
}

/** Tells of the admitted nodes: who they are and who let them in. */
export interface Nodes {
  /** The seal admits this feed. True when something to tell changed. */
  found(feed: number): boolean
  /**
   * A record that counts, by a feed that it `admits` or by the feed about itself. True when something to tell changed.
   * (Of the founding writers one hears before all records: every chain of admissions begins at the seal.)
   */
  describe(feed: number, record: DecodedRecord, entry: HistoryPlace, admits: boolean): boolean
  /** An entry of an admitted feed, in order. True when something to tell changed. */
  wrote(entry: HistoryPlace): boolean
  /** Whether a node was let in before another one was: the other's first admission knows of it. */
  isOlder(feed: number, than: number): boolean
  /** The founding writer first, then in the order of admission. */
  list(feeds: readonly string[]): NodeInfo[]
}

const firstOf = (records: readonly PlacedRecord[]): PlacedRecord | undefined =>
  records.reduce<PlacedRecord | undefined>(
    (first, record) => (first && compare(first, record) < 0 ? first : record),
    undefined,
  )

/** The record that the node's place and date follow from. */
const firstRecordOf = ({ founding, admissions, introduced }: Known): PlacedRecord | undefined =>
  founding ? introduced : firstOf(admissions)

/** By its own record, else by who let it in: nobody else names a node. */
const nameOf = ({ founding, admissions, renamed }: Known): string | undefined =>
  renamed ? renamed.name : founding ? undefined : firstOf(admissions)?.name

export const createNodes = (): Nodes => {
  const nodes: (Known | undefined)[] = []

  const at = (feed: number): Known => {
    const node = nodes[feed] ?? {
      founding: false,
      admissions: [],
      hasWritten: false,
      introduced: undefined,
      renamed: undefined,
    }
    nodes[feed] = node
    return node
  }

  /** Whether the change changes what is told of the node. */
  const changes = (node: Known, change: () => void): boolean => {
    const [first, name] = [firstRecordOf(node), nameOf(node)]
    change()
    return firstRecordOf(node) !== first || nameOf(node) !== name
  }

  return {
    found(feed) {
      const node = at(feed)
      const changed = !node.founding
      node.founding = true
      return changed
    },

    describe(feed, record, entry, admits) {
      const node = at(feed)
      const { name, at: time, request, author } = record
      const placed: PlacedRecord = {
        feed: entry.feed,
        seq: entry.seq,
        clock: entry.clock,
        weight: weigh(entry),
        author,
        name,
        at: time,
        request,
      }
      return changes(node, () => {
        if (!admits) {
          if (!node.introduced || compare(placed, node.introduced) < 0) node.introduced = placed
          if (name !== undefined && (!node.renamed || compare(placed, node.renamed) > 0))
            node.renamed = placed
        } else if (!node.hasWritten && !node.admissions.some((earlier) => earlier.feed === entry.feed)) {
          node.admissions.push(placed)
        }
      })
    },

    wrote(entry) {
      const node = nodes[entry.feed]
      if (!node || node.hasWritten) return false
      node.hasWritten = true
      return changes(node, () => {
        node.admissions = node.admissions.filter((admission) => knows(entry, admission))
      })
    },

    isOlder(feed, than) {
      const [node, other] = [nodes[feed], nodes[than]]
      if (!node || !other || other.founding) return false
      const admission = firstOf(other.admissions)
      if (node.founding) return true
      return admission !== undefined && node.admissions.some((place: Place) => knows(admission, place))
    },

    list(feeds) {
      const listed = nodes.flatMap((node, feed) =>
        node && (node.founding || node.admissions.length > 0)
          ? [
              {
                founding: node.founding,
                first: firstRecordOf(node),
                name: nameOf(node),
                writerKey: feeds[feed] ?? '',
              },
            ]
          : [],
      )
      listed.sort((a, b) => {
        if (a.founding !== b.founding) return a.founding ? -1 : 1
        const byAdmission = !a.founding && a.first && b.first ? compare(a.first, b.first) : 0
        return byAdmission || (a.writerKey < b.writerKey ? -1 : 1)
      })
      return listed.map(({ founding, first, name, writerKey }) => ({
        writerKey,
        name,
        authorisedBy: (founding ? feeds[0] : first?.author) ?? '',
        authorisedAt: first?.at,
        request: first?.request ?? '',
      }))
    },
  }
}

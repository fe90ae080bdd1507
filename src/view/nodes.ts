import { compare, type Ranked } from './causality.js'
import type { DecodedRecord, NodeInfo } from './types.js'

type RankedRecord = Ranked & Pick<DecodedRecord, 'name' | 'at' | 'request'>

/** What is known of one admitted feed. Its records are extremes of sets in one total order, so the order of arrival is no matter. */
interface Known {
  founding: boolean
  /** The first record that admitted it; of the founding writer, the first about itself. */
  first: RankedRecord | undefined
  /** The last record whose name could be opened. */
  named: RankedRecord | undefined
}

/** Tells of the admitted nodes: who they are and who let them in. */
export interface Nodes {
  /** The seal admits this feed. True when something to tell changed. */
  found(feed: number): boolean
  /**
   * A record that counts, by a feed that it `admits` or by the feed about itself. True when something to tell changed.
   * (Of the founding writers one hears before all records: every chain of admissions begins at the seal.)
   */
  describe(feed: number, record: DecodedRecord, rank: Ranked, admits: boolean): boolean
  /** The founding writer first, then in the order of admission. */
  list(feeds: readonly string[]): NodeInfo[]
}

export const createNodes = (): Nodes => {
  const nodes: (Known | undefined)[] = []

  const at = (feed: number): Known => {
    const node = nodes[feed] ?? { founding: false, first: undefined, named: undefined }
    nodes[feed] = node
    return node
  }

  return {
    found(feed) {
      const node = at(feed)
      const changed = !node.founding
      node.founding = true
      return changed
    },

    describe(feed, record, { weight, author, seq }, admits) {
      const node = at(feed)
      const ranked = { weight, author, seq, name: record.name, at: record.at, request: record.request }
      let changed = false
      if (admits !== node.founding && (!node.first || compare(ranked, node.first) < 0)) {
        node.first = ranked
        changed = true
      }
      if (record.name !== undefined && (!node.named || compare(ranked, node.named) > 0)) {
        changed ||= node.named?.name !== record.name
        node.named = ranked
      }
      return changed
    },

    list(feeds) {
      const listed = nodes.flatMap((node, feed) =>
        node && (node.founding || node.first) ? [{ ...node, writerKey: feeds[feed] ?? '' }] : [],
      )
      listed.sort((a, b) => {
        if (a.founding !== b.founding) return a.founding ? -1 : 1
        const byAdmission = !a.founding && a.first && b.first ? compare(a.first, b.first) : 0
        return byAdmission || (a.writerKey < b.writerKey ? -1 : 1)
      })
      return listed.map(({ founding, first, named, writerKey }) => ({
        writerKey,
        name: named?.name,
        authorisedBy: (founding ? feeds[0] : first?.author) ?? '',
        authorisedAt: first?.at,
        request: first?.request ?? '',
      }))
    },
  }
}

import { equalBytes, toHex } from '../../../protocol/bytes.js'
import { HyphaError } from '../../../protocol/errors.js'
import { encodeHeadMessage, type FeedHead } from '../../../protocol/feed-head.js'
import { HEAD_EXTENSION, type HeadLink } from './head-link.js'
import { isSigned } from './heads.js'

/** How long a peer whose block had no valid proof may take to show that the feed's writer signed what it has. */
const DISPUTE_MS = 5_000

/** What hypercore says of a block that does not fit what is here. */
const NO_PROOF =
  /^(Remote (signature could not be verified|checksum failed|did not include a signature)|Missing tree roots)/
export const isWithoutProof = ({ message }: Error): boolean => NO_PROOF.test(message)

/** Feeds of which a peer has another branch than this node: both signed by the writer, so that no peer is to blame. */
export interface Disputes {
  /** A block of a feed did not fit. The feed is left alone on that link, and the peer asked for a head. */
  begin(link: HeadLink, feed: Uint8Array): void
  /** A head that may be the answer. */
  heard(link: HeadLink, feed: Uint8Array, head: FeedHead | undefined): void
  gone(link: HeadLink): void
}

export const createDisputes = (report: (error: HyphaError) => void): Disputes => {
  const asked = new Map<HeadLink, { feed: Uint8Array; timer: ReturnType<typeof setTimeout> }[]>()
  const told = new Set<string>()
  const end = (link: HeadLink) =>
    link.end(
      new HyphaError(
        'PEER_MISBEHAVED',
        'A peer sent blocks that their writer never signed, and was disconnected.',
      ),
    )
  return {
    begin(link, feed) {
      const timer = setTimeout(() => end(link), DISPUTE_MS)
      asked.set(link, [...(asked.get(link) ?? []), { feed, timer }])
      link.send(HEAD_EXTENSION, encodeHeadMessage({ type: 'ask', feed }))
    },
    heard(link, feed, head) {
      const disputes = asked.get(link) ?? []
      const dispute = disputes.find((each) => equalBytes(each.feed, feed))
      if (!dispute) return
      clearTimeout(dispute.timer)
      asked.set(
        link,
        disputes.filter((each) => each !== dispute),
      )
      if (!head || !isSigned(head, feed)) return end(link)
      if (told.has(toHex(feed))) return
      told.add(toHex(feed))
      report(
        new HyphaError(
          'FEED_FORKED',
          `The device with the key ${toHex(feed)} has written twice in one place, as its storage was set back or copied, and a peer has the other branch. Connect that device with both: it puts them together. Other devices are not concerned.`,
        ),
      )
    },
    gone(link) {
      for (const { timer } of asked.get(link) ?? []) clearTimeout(timer)
      asked.delete(link)
    },
  }
}

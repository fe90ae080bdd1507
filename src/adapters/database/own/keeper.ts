import type { Feed, Peer } from 'hypercore'
import { equalBytes, toHex } from '../../../protocol/bytes.js'
import { HyphaError } from '../../../protocol/errors.js'
import {
  type AbandonedMessage,
  decodeHeadMessage,
  encodeHeadMessage,
  type FeedHead,
} from '../../../protocol/feed-head.js'
import { HEAD_ASK_BURST, HEAD_ASKS_PER_SECOND, MAX_BITFIELD_BLOCKS } from '../../../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../../../protocol/rate-limit.js'
import type { Storage } from '../../storage/storage.js'
import type { Mending, MendingReason } from '../database.js'
import { hypercoreCrypto } from '../engine.js'
import { promised } from '../promised.js'
import { createDisputes } from './disputes.js'
import { dropFeed, openFeed } from './files.js'
import { HEAD_EXTENSION, type HeadLink } from './head-link.js'
import { headOf, isBeginningOf, isSigned, treeHashAt } from './heads.js'
import { contiguous, isComplete, type OwnFeed } from './own-feed.js'

/** A peer that has come by more of the own feed is asked again so long after it said so. */
const ASK_AGAIN_MS = 300
/** What can't be stored is tried again after this. */
const COVER_AGAIN_MS = 500
/** How long the feed is, is stored at the latest so long after it grew, though nobody heard of it. */
const NOTE_MS = 1_000

interface Known {
  isMet: boolean
  isAgreed: boolean
  /** The hash of the head that it showed last, hex. */
  head: string | undefined
  isJoined: boolean
  /** What the other end was found to hold. */
  length: number
  isAsked: boolean
  timer: ReturnType<typeof setTimeout> | undefined
  readonly asks: TokenBucket
}

export interface OwnKeeper {
  readonly mending: Mending | undefined
  /** From here on it is answered. */
  add(link: HeadLink): void
  /** Replication begins: both ends have said hello. */
  met(link: HeadLink): void
  heard(link: HeadLink, bytes: Uint8Array): void
  /** A block of a feed does not fit what is here: another branch of it, or a peer's doing. The feed is left alone there. */
  dispute(link: HeadLink, feed: Uint8Array): void
  /** An end says that it has blocks of the own feed, up to a length. */
  claimed(link: HeadLink, length: number): void
  gone(link: HeadLink): void
  isAgreed(link: HeadLink): boolean
  /** Stores that peers may have heard of so many blocks. */
  cover(length: number): Promise<void>
  close(): Promise<void>
}

const SENTENCES: Readonly<Record<MendingReason, string>> = {
  behind:
    'Other devices hold more of what this one wrote than it does itself: its storage was set back to an older state, or lost its end.',
  forked:
    'Other devices hold something else under the name of this one: its storage was set back to an older state and written to, or copied.',
  damaged: 'What this device wrote is damaged in its own storage.',
}

const mendingError = (reason: MendingReason): HyphaError =>
  new HyphaError(
    'FEED_BEHIND',
    `${SENTENCES[reason]} It is fetched from them now; keep one of them connected. What you write meanwhile is kept here, and sent after that.`,
  )

export const createOwnKeeper = (about: {
  readonly storage: Storage
  readonly own: OwnFeed
  readonly publicKey: Uint8Array
  readonly local: Feed
  /** Any feed that is replicated here. */
  feedOf(key: Uint8Array): Feed | undefined
  onChange(): void
  /** What was fetched, or dropped, takes its place when the database is opened again. */
  reopen(): void
  report(error: unknown): void
}): OwnKeeper => {
  const { storage, own, publicKey, local, feedOf, onChange, reopen, report } = about
  const { record, abandoned } = own
  const disputes = createDisputes(report)
  const links = new Map<HeadLink, Known>()
  let { fetched } = own
  let opening: Promise<Feed> | undefined
  let mend = record.current.mend
  let have = fetched ? contiguous(fetched) : 0
  /** The longest head that was shown, by its hash: the feed is fetched from who has that, as others may have another branch. */
  let target: { readonly length: number; readonly hash: string } | undefined
  let isDone = false
  let isClosed = false
  let covered = record.current.announced
  let wanted = covered
  let covering: Promise<void> | undefined
  let noting: ReturnType<typeof setTimeout> | undefined

  const look = () => {
    if (!fetched || isDone || isClosed) return
    have = contiguous(fetched, have)
    onChange()
    if (!isComplete(fetched, record)) return
    isDone = true
    reopen()
  }
  const watch = (feed: Feed) => {
    feed.on('error', report)
    feed.on('download', () => feed._sync(null, look))
  }

  const begin = async (reason: MendingReason, need: number, hash = '') => {
    const before = mend
    if (!target || need > target.length) target = { length: need, hash }
    mend = { reason: before?.reason ?? reason, need: Math.max(before?.need ?? 0, need) }
    if (before && before.need >= need) return joinAll()
    onChange()
    if (!before) {
      report(mendingError(reason))
      for (const [link, { isAgreed }] of links) if (isAgreed) link.end()
    }
    await record.update({ mend })
    opening ??= openNext()
    await opening
    joinAll()
    look()
  }
  const joinAll = () => {
    if (!fetched) return
    for (const [link, known] of links) {
      const isOfIt = !target || known.head === target.hash || !link.supports(HEAD_EXTENSION)
      if (
        !known.isMet ||
        known.isJoined ||
        known.isAgreed ||
        !isOfIt ||
        (!known.head && link.supports(HEAD_EXTENSION))
      )
        continue
      known.isJoined = true
      link.join(fetched)
    }
  }
  /** What was fetched is of another branch than the one that it is fetched for. */
  const fetchAnew = async () => {
    const before = await opening
    if (before) await new Promise<void>((resolve) => before.close(() => resolve()))
    fetched = undefined
    have = 0
    opening = openNext()
    await opening
    for (const [link, { isJoined }] of links) if (isJoined) link.end()
  }
  const openNext = async (): Promise<Feed> => {
    const next = record.current.generation + 1
    await dropFeed(storage, next)
    const feed = await openFeed(storage, next, publicKey)
    fetched = feed
    watch(feed)
    return feed
  }

  const ask = (link: HeadLink, known: Known) => {
    known.isAsked = link.send(HEAD_EXTENSION, encodeHeadMessage({ type: 'ask', feed: publicKey }))
  }
  const answer = async (link: HeadLink, feed: Uint8Array) => {
    const there = feedOf(feed)
    const head = there && !(there === local && mend) ? await headOf(there) : undefined
    if (!links.has(link)) return
    link.send(HEAD_EXTENSION, encodeHeadMessage(head ? { type: 'head', feed, head } : { type: 'none', feed }))
  }
  const agree = async (link: HeadLink, known: Known, length: number) => {
    known.length = Math.max(known.length, length)
    if (known.isAgreed || mend) return
    await promised<void>((callback) => local._sync(null, callback))
    await cover(local.length)
    if (mend || isClosed || !links.has(link)) return
    known.isAgreed = true
    link.agreed()
  }
  const take = async (link: HeadLink, known: Known, head: FeedHead | undefined) => {
    // What somebody else made up says nothing.
    if (head && !isSigned(head, publicKey)) return
    // It was told so before it was asked, and drops that branch.
    if (head && abandoned.has(publicKey, head.length, hypercoreCrypto.tree(head.roots))) return
    const { length } = head ?? { length: 0 }
    if (head) known.head = toHex(hypercoreCrypto.tree(head.roots))
    if (length > local.length) await begin('behind', length, known.head)
    else if (head && !(await isBeginningOf(local, head))) await begin('forked', length, known.head)
    else await agree(link, known, length)
  }

  const takeAbandoned = async (message: AbandonedMessage) => {
    const there = feedOf(message.feed)
    if (!there) return
    await abandoned.take(message)
    if (there !== local && (await abandoned.isIn(there))) reopen()
  }

  const cover = async (length: number): Promise<void> => {
    wanted = Math.max(wanted, length)
    let isRepeated = false
    while (covered < length && !isClosed) {
      covering ??= note(wanted).finally(() => {
        covering = undefined
      })
      try {
        await covering
      } catch (error) {
        // A disk that is full for a moment: nobody hears of these blocks before it has room again.
        if (isRepeated) report(error)
        isRepeated = true
        await new Promise((resolve) => setTimeout(resolve, COVER_AGAIN_MS))
      }
    }
    if (covered < length) throw new Error('It was closed before that')
  }
  const note = async (announced: number): Promise<void> => {
    const root = (await treeHashAt(local, announced)) ?? new Uint8Array(0)
    await record.update({ length: announced, announced, root })
    covered = announced
  }
  /** Nobody has heard of it, and yet a feed that is shorter next time has lost something. */
  const noteLength = async () => {
    noting = undefined
    const { length } = local
    if (mend || length <= record.current.length) return
    await promised<void>((callback) => local._sync(null, callback))
    const root = (await treeHashAt(local, length)) ?? new Uint8Array(0)
    if (length > record.current.length) await record.update({ length, root })
  }
  // hypercore asks peers about blocks of feeds that it downloads, and only whom it asked is told of new ones.
  local.on('peer-add', (peer: Peer) => peer.stream?.want({ start: 0, length: MAX_BITFIELD_BLOCKS }))
  local.on('append', () => {
    noting ??= setTimeout(() => noteLength().catch(report), NOTE_MS)
  })

  if (fetched) watch(fetched)
  if (mend) {
    opening = fetched && Promise.resolve(fetched)
    report(mendingError(mend.reason))
  }

  return {
    get mending() {
      return (
        mend && Object.freeze({ reason: mend.reason, have, need: Math.max(mend.need, fetched?.length ?? 0) })
      )
    },
    add(link) {
      const asks = createTokenBucket({ rate: HEAD_ASKS_PER_SECOND, burst: HEAD_ASK_BURST })
      links.set(link, {
        isMet: false,
        isAgreed: false,
        isJoined: false,
        head: undefined,
        length: 0,
        isAsked: false,
        timer: undefined,
        asks,
      })
    },
    met(link) {
      const known = links.get(link)
      if (!known) return
      known.isMet = true
      joinAll()
      for (const message of abandoned.messages) link.send(HEAD_EXTENSION, message)
      if (link.supports(HEAD_EXTENSION)) ask(link, known)
      else agree(link, known, 0).catch(report)
    },
    heard(link, bytes) {
      const known = links.get(link)
      const message = decodeHeadMessage(bytes)
      if (!known || !message) return
      if (message.type === 'ask') {
        if (known.asks.take(performance.now())) answer(link, message.feed).catch(report)
      } else if (message.type === 'abandoned') {
        if (known.asks.take(performance.now())) takeAbandoned(message).catch(report)
      } else if (known.isAsked && equalBytes(message.feed, publicKey)) {
        known.isAsked = false
        take(link, known, message.type === 'head' ? message.head : undefined).catch(report)
      } else disputes.heard(link, message.feed, message.type === 'head' ? message.head : undefined)
    },
    dispute: (link, feed) => {
      const known = links.get(link)
      if (!known) return
      if (!mend || !equalBytes(feed, publicKey)) disputes.begin(link, feed)
      else if (known.head === target?.hash) fetchAnew().catch(report)
    },
    claimed(link, length) {
      const known = links.get(link)
      if (!known || known.timer || length <= known.length || !link.supports(HEAD_EXTENSION)) return
      known.timer = setTimeout(() => {
        known.timer = undefined
        ask(link, known)
      }, ASK_AGAIN_MS)
    },
    gone(link) {
      clearTimeout(links.get(link)?.timer)
      disputes.gone(link)
      links.delete(link)
    },
    isAgreed: (link) => links.get(link)?.isAgreed === true,
    cover,
    async close() {
      isClosed = true
      clearTimeout(noting)
      for (const [link, { timer }] of links) {
        clearTimeout(timer)
        disputes.gone(link)
      }
      links.clear()
      await covering?.catch(() => {})
      await noteLength().catch(report)
      const feed = await opening?.catch(() => undefined)
      if (feed && feed !== own.fetched) await new Promise<void>((resolve) => feed.close(() => resolve()))
      await own.close()
    },
  }
}

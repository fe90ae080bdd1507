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
import { dropFolder, fetchedFolder, openFolder } from './files.js'
import { HEAD_EXTENSION, type HeadLink } from './head-link.js'
import { headOf, isBeginningOf, isSigned } from './heads.js'
import { createLengthNotes } from './notes.js'
import { contiguous, isComplete, type OwnFeed } from './own-feed.js'

/** A peer that has come by more of the own feed is asked again so long after it said so. */
const ASK_AGAIN_MS = 300

interface Known {
  isMet: boolean
  isAgreed: boolean
  /** Its node has this one's key. */
  isTwin: boolean
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
  met(link: HeadLink, isTwin: boolean): void
  heard(link: HeadLink, bytes: Uint8Array): void
  /** A block of a feed does not fit what is here: another branch of it, or a peer's doing. The feed is left alone there. */
  dispute(link: HeadLink, feed: Uint8Array): void
  /** An end says that it has blocks of the own feed, up to a length. */
  claimed(link: HeadLink, length: number): void
  gone(link: HeadLink): void
  isAgreed(link: HeadLink): boolean
  /** As in {@link Database}. */
  letKeyGo(wasWriter: boolean): Promise<void>
  keyIsKept(): Promise<void>
  takeKeyBack(): Promise<void>
  /** Stores that peers may have heard of so many blocks. */
  cover(length: number): Promise<void>
  close(): Promise<void>
}

/** `shared` is told by who decides it. */
type Told = Exclude<MendingReason, 'shared'>

const SENTENCES: Readonly<Record<Told, string>> = {
  behind:
    'Other devices hold more of what this one wrote than it does itself: its storage was set back to an older state, or lost its end.',
  forked:
    'Other devices hold something else under the name of this one: its storage was set back to an older state and written to, or copied.',
  damaged: 'What this device wrote is damaged in its own storage.',
}

const mendingError = (reason: Told): HyphaError =>
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
  /** As {@link DatabaseEvents}. */
  keyGone(): void
  report(error: unknown): void
}): OwnKeeper => {
  const { storage, own, publicKey, local, feedOf, onChange, reopen, keyGone, report } = about
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
  const notes = createLengthNotes({ record, local, isMending: () => mend !== undefined, report })

  const look = () => {
    if (!fetched || isDone || isClosed) return
    have = contiguous(fetched, have)
    onChange()
    if (!isComplete(fetched, record, local.length)) return
    isDone = true
    if (mend?.reason === 'shared') keyGone()
    else reopen()
  }
  const watch = (feed: Feed) => {
    feed.on('error', report)
    feed.on('download', () => feed._sync(null, look))
  }

  const begin = async (reason: MendingReason, need: number, hash = '') => {
    const before = mend
    if (!target || need > target.length) target = { length: need, hash }
    mend = { ...before, reason: before?.reason ?? reason, need: Math.max(before?.need ?? 0, need) }
    if (mend.reason === 'shared') mend = { ...mend, isKnown: true }
    if (before && before.need >= need && before.isKnown === mend.isKnown) return joinAll()
    onChange()
    if (!before) {
      if (reason !== 'shared') report(mendingError(reason))
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
  const closeFetched = async () => {
    const before = await opening?.catch(() => undefined)
    if (before) await new Promise<void>((resolve) => before.close(() => resolve()))
    fetched = undefined
    opening = undefined
    have = 0
  }
  /** What was fetched is of another branch than the one that it is fetched for. */
  const fetchAnew = async () => {
    await closeFetched()
    opening ??= openNext()
    await opening
    for (const [link, { isJoined }] of links) if (isJoined) link.end()
  }
  const openNext = async (): Promise<Feed> => {
    const folder = fetchedFolder(mend?.reason ?? 'behind', record.current.generation, publicKey)
    await dropFolder(storage, folder)
    const feed = await openFolder(storage, folder, publicKey)
    fetched = feed
    watch(feed)
    return feed
  }

  const letKeyGo = async (wasWriter: boolean) => {
    if (mend?.reason === 'shared') return
    mend = { reason: 'shared', need: 0, wasWriter }
    target = undefined
    isDone = false
    onChange()
    for (const [link, { isAgreed, isJoined }] of links) if (isAgreed || isJoined) link.end()
    await record.update({ mend })
    // What was fetched into the place of the own feed is to be another writer's.
    await closeFetched()
    opening ??= openNext()
    await opening
    joinAll()
    look()
  }
  const keyIsKept = async () => {
    if (mend?.reason !== 'shared' || mend.isKept) return
    mend = { ...mend, isKept: true }
    await record.update({ mend })
    look()
  }
  const takeKeyBack = async () => {
    if (mend?.reason !== 'shared' || mend.isKept) return
    mend = undefined
    isDone = true
    // What waits is written behind what is here.
    await record.update({ mend, base: local.length })
    await closeFetched()
    await dropFolder(storage, fetchedFolder('shared', record.current.generation, publicKey))
    reopen()
  }

  const ask = (link: HeadLink, known: Known) => {
    known.isAsked = link.send(HEAD_EXTENSION, encodeHeadMessage({ type: 'ask', feed: publicKey }))
  }
  const answer = async (link: HeadLink, feed: Uint8Array) => {
    const there = feedOf(feed)
    const head = there && !(there === local && mend) ? await headOf(there) : undefined
    const known = links.get(link)
    // To one with the same key that there is nothing would mean that nothing was ever written.
    if (!known || (known.isTwin && mend && mend.reason !== 'shared')) return
    link.send(HEAD_EXTENSION, encodeHeadMessage(head ? { type: 'head', feed, head } : { type: 'none', feed }))
  }
  const agree = async (link: HeadLink, known: Known, length: number) => {
    known.length = Math.max(known.length, length)
    if (known.isAgreed || mend) return
    await promised<void>((callback) => local._sync(null, callback))
    await notes.cover(local.length)
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
    if (!head && mend?.reason === 'shared' && known.isTwin) return begin('shared', 0)
    if (head) known.head = toHex(hypercoreCrypto.tree(head.roots))
    if (mend?.reason === 'shared') await (head && begin('shared', length, known.head))
    else if (length > local.length) await begin('behind', length, known.head)
    else if (head && !(await isBeginningOf(local, head))) await begin('forked', length, known.head)
    else await agree(link, known, length)
  }

  const takeAbandoned = async (message: AbandonedMessage) => {
    const there = feedOf(message.feed)
    if (!there) return
    await abandoned.take(message)
    if (there !== local && (await abandoned.isIn(there))) reopen()
  }

  // hypercore asks peers about blocks of feeds that it downloads, and only whom it asked is told of new ones.
  local.on('peer-add', (peer: Peer) => peer.stream?.want({ start: 0, length: MAX_BITFIELD_BLOCKS }))

  if (fetched) watch(fetched)
  if (mend) {
    opening = fetched && Promise.resolve(fetched)
    if (mend.reason !== 'shared') report(mendingError(mend.reason))
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
        isTwin: false,
        isAgreed: false,
        isJoined: false,
        head: undefined,
        length: 0,
        isAsked: false,
        timer: undefined,
        asks,
      })
    },
    met(link, isTwin) {
      const known = links.get(link)
      if (!known) return
      known.isMet = true
      known.isTwin = isTwin
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
    letKeyGo,
    keyIsKept,
    takeKeyBack,
    isAgreed: (link) => links.get(link)?.isAgreed === true,
    cover: notes.cover,
    async close() {
      isClosed = true
      for (const [link, { timer }] of links) {
        clearTimeout(timer)
        disputes.gone(link)
      }
      links.clear()
      await notes.close()
      const feed = await opening?.catch(() => undefined)
      if (feed && feed !== own.fetched) await new Promise<void>((resolve) => feed.close(() => resolve()))
      await own.close()
    },
  }
}

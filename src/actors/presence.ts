import type { Clock, Presence } from '../api.js'
import {
  MAX_STRANGERS_PRESENT,
  PRESENCE_INTERVAL_MS,
  PRESENCE_LIFETIME_MS,
  PRESENCE_MIN_INTERVAL_MS,
  PRESENCE_ROLL_CALL_MS,
} from '../protocol/limits.js'
import type { PresenceMessage, PresenceRuns } from '../protocol/presence-message.js'
import { isLettingGo } from '../protocol/run-id.js'
import type { Link } from './link.js'
import type { DirectRoad } from './pairing.js'
import type { Twins } from './twins.js'

/**
 * Who hears of somebody says sooner that it is here too, and so does who is woken by that: timers of a hidden page stand still for
 * up to a minute, what arrives does not.
 */
const WOKEN_AFTER_MS = (PRESENCE_INTERVAL_MS * 3) / 4

/** What this node said of itself lately, as long as it may be under way. */
const MAX_SAID_REMEMBERED = 64

/** Who of the person's nodes is there: what links prove, and what nodes say of themselves through always-on nodes. */
export interface PresenceKeeper {
  /** @param direct the link to that node, if there is one */
  of(writerKey: string, direct: DirectRoad | undefined): Presence
  /** A relay said how many others it passes frames on to. */
  relays(link: Link, others: number): void
  /** A link has ended. */
  left(link: Link): void
  heard(link: Link, message: PresenceMessage): void
  /** The last link of its own to that node has ended. */
  parted(writerKey: string): void
  /** Who may write changed. */
  reconsider(): void
  /** Says goodbye where it was said that this node is here. */
  close(): void
}

interface Heard {
  /** By the sender's clock. */
  at: number
  /** By ours. */
  seenAt: number
  here: boolean
  road: string
}

export const createPresence = (options: {
  readonly clock: Clock
  readonly localWriter: string
  readonly isAdmitted: (writerKey: string) => boolean
  /** Says, signed and sealed, that this node is here or leaves. */
  readonly announce: (said: { here: boolean; at: number } & PresenceRuns, links: readonly Link[]) => void
  readonly changed: () => void
  /** Hears of other nodes that have this one's key. */
  readonly twins: Twins
  /** Runs when a page is being left. */
  readonly whenLeft?: (run: () => void) => () => void
}): PresenceKeeper => {
  const { clock, localWriter, isAdmitted, announce, changed, twins } = options
  /** By relay: how many others it says there are. */
  const others = new Map<Link, number>()
  const heard = new Map<string, Heard>()
  /** Writer key → when its last link ended. */
  const parted = new Map<string, number>()
  /** What a goodbye is for. */
  let announcedOn = new Set<Link>()
  let lastAt = 0
  /** What this node has said of itself: it may come back by another relay. */
  const said: number[] = []
  const startedAt = clock.now()
  let lastSaid = Number.NEGATIVE_INFINITY
  /** The run of a twin that was heard last: it is answered, by which it knows that this node is there now. */
  let twin: string | undefined
  let isPressing = false
  /** When a relay last said that there are fewer than before. */
  let fewerSince: number | undefined
  let timer: unknown
  let isClosed = false

  const reaching = (): Link[] => [...others].flatMap(([link, count]) => (count > 0 ? [link] : []))
  const isHere = ({ here, seenAt }: Heard) => here && clock.now() - seenAt < PRESENCE_LIFETIME_MS

  const say = (here: boolean, links: readonly Link[]) => {
    // A clock that stands still or was set back: each message has to be a later one.
    lastAt = Math.max(clock.now(), lastAt + 1)
    said.push(lastAt)
    if (said.length > MAX_SAID_REMEMBERED) said.shift()
    announce({ here, at: lastAt, run: twins.run, ...(twin === undefined ? {} : { twin }) }, links)
  }

  const goodbye = () => {
    // The one that keeps the key is there.
    if (announcedOn.size > 0 && !twins.letsGo) say(false, [...announcedOn])
    announcedOn = new Set()
  }

  /** A stranger who has gone takes no place: those that are there are few. */
  const forget = (writerKey: string, it: Heard) => {
    it.here = false
    if (!isAdmitted(writerKey)) heard.delete(writerKey)
  }
  const end = (writerKey: string, it: Heard) => {
    forget(writerKey, it)
    if (heard.has(writerKey)) changed()
  }
  /** Ends as many as there are too many, of those who said nothing since there are fewer. A relay counts readers too. */
  const callRoll = (since: number) => {
    const here = [...heard].filter(([, it]) => isHere(it))
    const most = [...others.values()].reduce((sum, count) => sum + count, 0)
    const silent = here.filter(([, { seenAt }]) => seenAt < since).sort(([, a], [, b]) => a.seenAt - b.seenAt)
    for (const [writerKey, it] of silent.slice(0, Math.max(0, here.length - most))) end(writerKey, it)
  }

  /** When to speak next, if there is anybody to speak to. */
  const dueAt = (links: readonly Link[]): number => {
    if (links.length === 0 || !isAdmitted(localWriter)) return Number.POSITIVE_INFINITY
    return lastSaid + (isPressing ? PRESENCE_MIN_INTERVAL_MS : PRESENCE_INTERVAL_MS)
  }

  /** Says what is due, forgets who has gone, and comes back when there is more to do: while there is a relay, or somebody heard. */
  const look = () => {
    clock.clearTimeout(timer)
    timer = undefined
    if (isClosed) return
    const now = clock.now()
    const links = reaching()
    if (lastSaid > now) lastSaid = now
    if (fewerSince !== undefined && fewerSince > now) fewerSince = now
    if (dueAt(links) <= now) {
      lastSaid = now
      isPressing = false
      announcedOn = new Set(links)
      say(true, links)
    }
    if (fewerSince !== undefined && now >= fewerSince + PRESENCE_ROLL_CALL_MS) {
      callRoll(fewerSince)
      fewerSince = undefined
    }
    let next = Math.min(dueAt(links), (fewerSince ?? Number.POSITIVE_INFINITY) + PRESENCE_ROLL_CALL_MS)
    for (const [writerKey, it] of heard) {
      if (!it.here) continue
      // A clock that was set back must not keep anybody.
      if (it.seenAt > now) it.seenAt = now
      if (isHere(it)) next = Math.min(next, it.seenAt + PRESENCE_LIFETIME_MS)
      else end(writerKey, it)
    }
    if (next < Number.POSITIVE_INFINITY) timer = clock.setTimeout(look, Math.max(0, next - now))
  }
  const press = () => {
    isPressing = true
    look()
  }

  /** Nobody can be heard any more; who was there may be still. */
  const checkReach = () => {
    if (reaching().length === 0) {
      announcedOn.clear()
      fewerSince = undefined
      for (const [writerKey, it] of heard) if (it.here) forget(writerKey, it)
      changed()
    }
    look()
  }

  /** Anybody may say again what an earlier run of this node said: a twin that is there now says which run it has heard. */
  const heardTwin = ({ at, here, run, twin: heardRun }: PresenceMessage) => {
    if (!here || (run !== undefined && twins.isOwn(run))) return
    if (run === undefined) {
      if (at > startedAt && !said.includes(at)) twins.heardOfOne()
      return
    }
    const before = twins.run
    if (heardRun === before) twins.met(before, run)
    // One that lets its key go waits for this answer.
    if (twin === run && twins.run === before && !isLettingGo(run)) return
    twin = run
    press()
  }

  const hasRoom = (writerKey: string): boolean => {
    if (heard.has(writerKey) || isAdmitted(writerKey)) return true
    const strangers = [...heard.keys()].filter((key) => !isAdmitted(key))
    return strangers.length < MAX_STRANGERS_PRESENT
  }

  // A page that comes back, from the browser's memory, says so when it is due.
  const stopWaiting = options.whenLeft?.(goodbye)

  return {
    of: (writerKey, direct) => {
      if (writerKey === localWriter) return Object.freeze({ here: true })
      if (direct) return Object.freeze({ here: true, ...direct })
      const it = heard.get(writerKey)
      if (it && isHere(it)) return Object.freeze({ here: true, road: it.road, relayed: true })
      const lastSeen = Math.max(it?.seenAt ?? 0, parted.get(writerKey) ?? 0)
      return Object.freeze({ here: false, ...(lastSeen > 0 ? { lastSeen } : {}) })
    },

    relays: (link, count) => {
      const before = others.get(link) ?? 0
      others.set(link, count)
      // As many as before: one has left, and another one has come.
      if (count <= before && count > 0) fewerSince = clock.now()
      if (count > 0) press()
      else if (count === 0 && before > 0) checkReach()
    },
    left: (link) => {
      announcedOn.delete(link)
      if (others.delete(link)) checkReach()
    },

    heard: (link, message) => {
      if (isClosed) return
      const { sender, at, here } = message
      if (sender === localWriter) return heardTwin(message)
      if (!hasRoom(sender)) return
      const known = heard.get(sender)
      // By another road, or a replay.
      if (known && at <= known.at) return
      const road = link.connection.transport
      const was = known !== undefined && isHere(known)
      if (here || isAdmitted(sender)) heard.set(sender, { at, seenAt: clock.now(), here, road })
      else heard.delete(sender)
      if (was !== here || (here && known?.road !== road)) changed()
      if (here && !was) press()
      else if (clock.now() - lastSaid >= WOKEN_AFTER_MS) press()
      else look()
    },

    parted: (writerKey) => {
      parted.delete(writerKey)
      parted.set(writerKey, clock.now())
      // Anybody can make up keys and prove them: of strangers the last few are remembered, as one may be admitted later.
      const strangers = [...parted.keys()].filter((key) => !isAdmitted(key))
      for (const key of strangers.slice(0, -MAX_STRANGERS_PRESENT)) parted.delete(key)
      changed()
    },

    reconsider: look,

    close: () => {
      if (isClosed) return
      isClosed = true
      clock.clearTimeout(timer)
      stopWaiting?.()
      goodbye()
    },
  }
}

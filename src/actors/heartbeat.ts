import { HyphaError } from '../protocol/errors.js'
import {
  MAX_SILENCE_MS,
  MAX_WAITING_BYTES,
  PING_BURST,
  PING_INTERVAL_MS,
  PINGS_PER_SECOND,
  QUICK_PING_INTERVAL_MS,
} from '../protocol/limits.js'
import { decodePing, encodePing } from '../protocol/ping.js'
import { createTokenBucket } from '../protocol/rate-limit.js'

/** How often all links are looked at, and how often while one of them has a spare. */
const TICK_MS = 500
const QUICK_TICK_MS = 50
/** Questions of one link that may still be answered. */
const MAX_OPEN_PINGS = 64

/** One link whose other end speaks the heartbeat, or hypercore-protocol's own alone. */
export interface Watched {
  readonly supportsPing: boolean
  /** Grows with whatever comes. */
  bytesReceived(): number
  /** Bytes that the other end has not taken yet. */
  bytesWaiting(): number
  send(ping: Uint8Array): void
  /** Asks one that has no heartbeat for anything else. */
  probe(): void
  /** It has been silent for too long, or sent what no heartbeat is. */
  end(error: HyphaError): void
}

export interface Beat {
  /** Milliseconds since something came, as far as this process was awake to hear it. */
  readonly silentMs: number
  /** Milliseconds since the answer before the last one: two answers since then are no accident. */
  readonly steadyForMs: number
  /** Undefined until the first answer. */
  readonly roundTripMs: number | undefined
  /** Asks more often: another link could take over. */
  isQuick: boolean
  /** A heartbeat came. */
  heard(bytes: Uint8Array): void
  stop(): void
}

export interface Heartbeat {
  watch(link: Watched): Beat
  /** Called after all links were looked at. Returns what ends that. */
  onTick(listener: () => void): () => void
}

interface Kept extends Watched {
  readonly beat: Beat
  look(): void
}

/**
 * Asks the other ends of all links of a node whether they are there: one timer for all of them, which runs while there are
 * links and holds no process. Time in which this process stood still counts for nothing: what came meanwhile was not heard.
 */
export const createHeartbeat = (now: () => number = () => performance.now()): Heartbeat => {
  const links = new Set<Kept>()
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let period = TICK_MS
  let lastTick = 0
  /** Milliseconds of this process's own life. */
  let awake = 0

  const schedule = () => {
    clearTimeout(timer)
    timer = undefined
    if (links.size === 0) return
    period = TICK_MS
    for (const { beat } of links) if (beat.isQuick) period = QUICK_TICK_MS
    timer = setTimeout(tick, period)
    // Pages have numbers for timers.
    if (typeof timer === 'object') timer.unref?.()
  }
  const pass = () => {
    const time = now()
    awake += Math.min(Math.max(0, time - lastTick), 2 * period)
    lastTick = time
  }
  const tick = () => {
    pass()
    for (const link of [...links]) link.look()
    for (const listener of [...listeners]) listener()
    schedule()
  }

  const watch = (link: Watched): Beat => {
    if (links.size === 0) lastTick = now()
    else pass()
    const bucket = createTokenBucket({ rate: PINGS_PER_SECOND, burst: PING_BURST })
    const asked = new Map<number, number>()
    let received = link.bytesReceived()
    let heardAt = awake
    let askedAt = Number.NEGATIVE_INFINITY
    let answeredAt = awake
    let answeredBefore = awake
    let roundTripMs: number | undefined
    let isQuick = false
    let id = 0

    const misbehaved = (what: string) =>
      link.end(new HyphaError('PEER_MISBEHAVED', `A peer sent ${what} and was disconnected.`))
    const ask = () => {
      askedAt = awake
      id = (id + 1) % 2 ** 32
      asked.set(id, now())
      const [oldest] = asked.keys()
      if (asked.size > MAX_OPEN_PINGS && oldest !== undefined) asked.delete(oldest)
      link.send(encodePing({ kind: 'ping', id }))
    }
    const beat: Beat = {
      get silentMs() {
        return awake - heardAt
      },
      get steadyForMs() {
        return awake - answeredBefore
      },
      get roundTripMs() {
        return roundTripMs
      },
      get isQuick() {
        return isQuick
      },
      set isQuick(quick) {
        if (isQuick === quick) return
        isQuick = quick
        if (quick && period !== QUICK_TICK_MS) schedule()
      },
      heard: (bytes) => {
        if (!bucket.take(now())) return misbehaved('heartbeats faster than it may')
        const ping = decodePing(bytes)
        if (!ping) return misbehaved('a heartbeat that is none')
        if (ping.kind === 'ping') {
          // Who takes nothing must not fill the memory with answers.
          if (link.bytesWaiting() <= MAX_WAITING_BYTES) link.send(encodePing({ kind: 'pong', id: ping.id }))
          return
        }
        const since = asked.get(ping.id)
        if (since === undefined) return
        asked.delete(ping.id)
        roundTripMs = now() - since
        answeredBefore = answeredAt
        answeredAt = awake
      },
      stop: () => {
        links.delete(kept)
        if (links.size === 0) schedule()
      },
    }
    const kept: Kept = {
      ...link,
      beat,
      look: () => {
        const bytes = link.bytesReceived()
        if (bytes !== received) heardAt = awake
        received = bytes
        if (!link.supportsPing) {
          // hypercore-protocol itself ends these. But who waits longer than we do says nothing for longer, too.
          if (Math.min(awake - heardAt, awake - askedAt) < PING_INTERVAL_MS) return
          askedAt = awake
          link.probe()
        } else if (awake - heardAt >= MAX_SILENCE_MS) {
          link.end(new HyphaError('PEER_TIMED_OUT', 'A peer has not answered and was disconnected.'))
        } else if (awake - askedAt >= (isQuick ? QUICK_PING_INTERVAL_MS : PING_INTERVAL_MS)) ask()
      },
    }
    links.add(kept)
    if (!timer) schedule()
    kept.look()
    return beat
  }

  return {
    watch,
    onTick: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

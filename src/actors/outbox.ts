import { HyphaError } from '../protocol/errors.js'
import { LINK, PACK } from '../protocol/extensions.js'
import { FRAME_BURST, FRAMES_PER_SECOND, RELAY_FRAME_FACTOR } from '../protocol/limits.js'
import {
  BUSY_BYTES,
  LOSS_REPORT_INTERVAL_MS,
  MAX_BUSY_MS,
  MAX_MESSAGES_PER_PACK,
  MAX_QUEUED_MESSAGE_BYTES,
  MAX_QUEUED_MESSAGES,
  MESSAGE_SHARE,
  MESSAGE_WINDOW_BYTES,
  PACK_BYTES,
  SEND_AGAIN_MS,
  SHARED_WINDOW_BYTES,
} from '../protocol/message-limits.js'
import type { MessageText } from '../protocol/message-pack.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'
import type { Link } from './link.js'

/** What became of one message. */
export interface Sending {
  /** Links that it goes out on. */
  readonly peers: number
  /** Resolves when it has been handed to them. Rejects with MESSAGES_LOST when it could not be. */
  sent(): Promise<void>
}

export interface OutboxOptions {
  /** The extension of frames with one message, and of packs where the channel has them. */
  readonly extension: string
  readonly packs: boolean
  readonly now: () => number
  readonly setTimeout: (run: () => void, delay: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
  /** Seals the messages for links that take packs, for those that take one a frame, or for both. */
  seal(messages: readonly MessageText[], kinds: { pack: boolean; singles: boolean }): SealedMessages
  /** Frames went out. */
  onSent(frames: readonly Uint8Array[], links: number): void
  /** Messages were lost that a call was told would be sent. */
  onLost(error: HyphaError): void
}

export interface SealedMessages {
  readonly pack?: Uint8Array
  readonly singles: readonly Uint8Array[]
}

export interface Outbox {
  joined(link: Link): void
  left(link: Link): void
  /** A relay said how many others there are behind it, and how many of them take one message a frame only. */
  relays(link: Link, others: number, old: number | undefined): void
  /** The other end has taken so many bytes of packs, since the link began. */
  taken(link: Link, bytes: number): void
  /** @throws HyphaError MESSAGES_WAITING @param bytes of the text */
  add(message: MessageText, bytes: number): Sending
  /** Sends what the links still take; the rest is lost. */
  close(): void
}

interface Waiting extends MessageText {
  readonly bytes: number
  readonly turn: Settling
}

/** The messages that were added within one turn: what became of them, once all have left or some were lost. */
interface Settling {
  outcome?: 'sent' | HyphaError
  promise?: Promise<void>
  told?: () => void
}

const settle = (turn: Settling, outcome: 'sent' | HyphaError): void => {
  turn.outcome ??= outcome
  turn.told?.()
}

const settled = (turn: Settling): Promise<void> => {
  turn.promise ??= new Promise((resolve, reject) => {
    turn.told = () => (turn.outcome instanceof HyphaError ? reject(turn.outcome) : resolve())
    if (turn.outcome) turn.told()
  })
  // Whoever does not look is told by the error event.
  turn.promise.catch(() => {})
  return turn.promise
}

/** One link, and what may still be sent on it. */
interface Lane {
  readonly link: Link
  readonly bucket: TokenBucket
  /** Of relays: how many others, and how many that take no packs. */
  others: number | undefined
  old: number | undefined
  sentBytes: number
  takenBytes: number
  /** Packs that the other end has not said to have taken. */
  readonly underway: { readonly end: number; readonly count: number }[]
  busySince: number | undefined
  /** Messages that it missed because it was too slow. */
  missed: number
}

const NOBODY = 'could not be sent because no peer is connected any more.'

const tooSlow = ({ link }: Lane) =>
  `did not reach the peer at ${link.connection.address}, which took nothing for a while.`

const lost = (count: number, why: string): HyphaError =>
  new HyphaError(
    'MESSAGES_LOST',
    `${count === 1 ? 'A message' : `${count} messages`} ${why} Send again what matters, or put it into an entry.`,
    { count },
  )

/**
 * An app's messages on their way out. They are packed together, boxed once for all links, and leave as fast as the slowest link
 * takes them; one that takes nothing for a while is left out, and that is told.
 */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { extension, now, seal } = options
  const lanes = new Map<Link, Lane>()
  let queue: Waiting[] = []
  /** Those before it have left. */
  let head = 0
  let queuedBytes = 0
  let timer: unknown
  let isDue = false
  let isClosed = false
  let lossToldAt = Number.NEGATIVE_INFINITY
  const untold = new Map<string, number>()

  const supports = ({ link }: Lane, name: string) => link.replication?.supports(name) === true
  const isUsable = (lane: Lane) => !lane.link.isRetired && supports(lane, extension)
  /** A relay passes packs on to those only who take them, and says how many don't. */
  const takesPacks = (lane: Lane) =>
    options.packs && supports(lane, PACK) && (supports(lane, LINK) || lane.old === 0)
  /** The more there are behind a relay, the less each may send. */
  const share = ({ others = 0 }: Lane) => Math.max(1, (others + 1) / RELAY_FRAME_FACTOR)
  const windowOf = ({ others = 0 }: Lane) =>
    Math.min(MESSAGE_WINDOW_BYTES, Math.max(2 * PACK_BYTES, SHARED_WINDOW_BYTES / (others + 1)))

  /** How many frames a link takes now: 0 while something else has to leave first. */
  const room = (lane: Lane, time: number): number => {
    const { link, sentBytes, takenBytes } = lane
    const waiting = link.connection.stream.writableLength + (link.replication?.bytesWaiting ?? 0)
    const open = sentBytes - takenBytes
    const isFull = waiting > BUSY_BYTES || (open > 0 && open + PACK_BYTES > windowOf(lane))
    if (!isFull) lane.busySince = undefined
    else lane.busySince = Math.min(lane.busySince ?? time, time)
    return isFull ? 0 : Math.floor(lane.bucket.left(time) / share(lane))
  }

  const tellLoss = (why: string, count: number) => {
    if (count > 0) untold.set(why, (untold.get(why) ?? 0) + count)
    const time = now()
    if (time >= lossToldAt && time - lossToldAt < LOSS_REPORT_INTERVAL_MS && !isClosed) return
    if (untold.size > 0) lossToldAt = time
    for (const [reason, number] of [...untold]) {
      untold.delete(reason)
      options.onLost(lost(number, reason))
    }
  }

  /** Takes the first n out of the queue. */
  const takeOut = (count: number): Waiting[] => {
    const out = queue.slice(head, head + count)
    head += count
    for (const { bytes } of out) queuedBytes -= bytes
    if (head === queue.length) [queue, head] = [[], 0]
    else if (head > 1_024 && head * 2 > queue.length) [queue, head] = [queue.slice(head), 0]
    return out
  }
  const lose = (out: readonly Waiting[], why: string) => {
    if (out.length === 0) return
    const error = lost(out.length, why)
    for (const turn of new Set(out.map(({ turn }) => turn))) settle(turn, error)
    tellLoss(why, out.length)
  }
  const loseAll = (why: string) => lose(takeOut(queue.length - head), why)

  /** The messages that fit one pack, and the frames that each link takes. */
  const howMany = (most: number): number => {
    let bytes = 0
    let count = 0
    while (head + count < queue.length && count < most) {
      bytes += (queue[head + count] as Waiting).bytes + 70
      if (count > 0 && bytes > PACK_BYTES) break
      count++
    }
    return count
  }

  const sendOn = (lane: Lane, frames: SealedMessages, count: number): boolean => {
    const { link } = lane
    const isPack = takesPacks(lane) && frames.pack !== undefined
    const out = isPack && frames.pack ? [frames.pack] : frames.singles
    const time = now()
    for (const frame of out) {
      if (!link.replication?.send(isPack ? PACK : extension, frame)) return false
      lane.bucket.take(time, share(lane))
      link.counters.messagesSent++
      if (!isPack) continue
      lane.sentBytes += frame.length
      lane.underway.push({ end: lane.sentBytes, count })
    }
    return true
  }

  /** Sends one pack. Returns false when nothing can leave now. */
  const sendSome = (): boolean => {
    const usable = [...lanes.values()].filter(isUsable)
    const time = now()
    if (usable.length === 0) {
      loseAll(NOBODY)
      return false
    }
    const rooms = new Map(usable.map((lane) => [lane, room(lane, time)]))
    const ready = usable.filter((lane) => (rooms.get(lane) ?? 0) > 0)
    const isWaitedFor = (lane: Lane) => lane.busySince === undefined || time - lane.busySince < MAX_BUSY_MS
    if (ready.length === 0 || usable.some((lane) => !ready.includes(lane) && isWaitedFor(lane))) return false
    const singles = ready.filter((lane) => !takesPacks(lane))
    const count = howMany(Math.min(MAX_MESSAGES_PER_PACK, ...singles.map((lane) => rooms.get(lane) ?? 0)))
    const out = takeOut(count)
    const frames = seal(out, { pack: singles.length < ready.length, singles: singles.length > 0 })
    const reached = ready.filter((lane) => sendOn(lane, frames, count)).length
    options.onSent(frames.pack ? [frames.pack] : frames.singles, reached)
    for (const lane of usable) if (!ready.includes(lane)) lane.missed += count
    if (reached === 0) lose(out, NOBODY)
    // A turn has left when its last message has.
    for (const turn of new Set(out.map(({ turn }) => turn)))
      if (queue[head]?.turn !== turn) settle(turn, 'sent')
    return true
  }

  const pump = () => {
    options.clearTimeout(timer)
    timer = undefined
    while (head < queue.length && sendSome()) {}
    for (const lane of lanes.values()) {
      if (lane.missed === 0 || (isUsable(lane) && room(lane, now()) === 0)) continue
      tellLoss(tooSlow(lane), lane.missed)
      lane.missed = 0
    }
    if (untold.size > 0) tellLoss('', 0)
    const delay = comeBack()
    if (delay !== undefined && !isClosed) timer = options.setTimeout(pump, delay)
  }
  /** When there is more to do. */
  const comeBack = (): number | undefined => {
    if (head < queue.length) return SEND_AGAIN_MS
    if ([...lanes.values()].some(({ missed }) => missed > 0)) return MAX_BUSY_MS
    return untold.size > 0 ? LOSS_REPORT_INTERVAL_MS : undefined
  }
  /** What is added next. */
  let turn: Settling | undefined
  const pumpSoon = () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      turn = undefined
      pump()
    })
  }

  return {
    joined: (link) => {
      const rate = FRAMES_PER_SECOND * MESSAGE_SHARE
      const bucket = createTokenBucket({ rate, burst: FRAME_BURST * MESSAGE_SHARE })
      lanes.set(link, {
        link,
        bucket,
        others: undefined,
        old: undefined,
        sentBytes: 0,
        takenBytes: 0,
        underway: [],
        busySince: undefined,
        missed: 0,
      })
    },
    left: (link) => {
      const lane = lanes.get(link)
      lanes.delete(link)
      if (!lane || isClosed) return
      const open = lane.underway.reduce((sum, { count }) => sum + count, 0)
      const where = link.connection.address
      if (open > 0) tellLoss(`may not have arrived, as the connection to ${where} ended meanwhile.`, open)
      if (lane.missed > 0) tellLoss(tooSlow(lane), lane.missed)
      pump()
    },
    relays: (link, others, old) => {
      const lane = lanes.get(link)
      if (lane) [lane.others, lane.old] = [others, old]
    },
    taken: (link, bytes) => {
      const lane = lanes.get(link)
      if (!lane || bytes <= lane.takenBytes) return
      lane.takenBytes = Math.min(bytes, lane.sentBytes)
      const first = lane.underway.findIndex(({ end }) => end > lane.takenBytes)
      lane.underway.splice(0, first < 0 ? lane.underway.length : first)
      if (head < queue.length) pump()
    },
    add: (message, bytes) => {
      const peers = [...lanes.values()].filter(isUsable).length
      if (peers === 0) return { peers, sent: () => Promise.resolve() }
      if (queue.length - head >= MAX_QUEUED_MESSAGES || queuedBytes + bytes > MAX_QUEUED_MESSAGE_BYTES) {
        throw new HyphaError(
          'MESSAGES_WAITING',
          `More than ${MAX_QUEUED_MESSAGES} messages, or ${MAX_QUEUED_MESSAGE_BYTES} bytes of them, wait to be sent. Wait for \`sent\` of the one before, then go on.`,
        )
      }
      turn ??= {}
      const own = turn
      queue.push({ ...message, bytes, turn: own })
      queuedBytes += bytes
      pumpSoon()
      return { peers, sent: () => settled(own) }
    },
    close: () => {
      if (isClosed) return
      pump()
      isClosed = true
      options.clearTimeout(timer)
      loseAll('could not be sent before this node was closed.')
      lanes.clear()
    },
  }
}

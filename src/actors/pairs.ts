import { MAX_SILENCE_WITH_SPARE_MS, MAX_SPARES_PER_PAIR } from '../protocol/limits.js'
import type { LinkMessage } from '../protocol/link-proof.js'
import type { Beat } from './heartbeat.js'

/** A spare that was heard within this answers. */
const FRESH_MS = 300

/** A road that takes longer than this is not waited for. */
const MAX_ROUND_TRIP_MS = 2_000

/** One link to a node that has proven who it is. */
export interface PairEnd {
  readonly transport: string
  readonly isRelayed: boolean
  readonly beat: Beat
  send(message: LinkMessage): void
  /** It is one of several, and not used. */
  spare(): void
  /** The database shall replicate over it. */
  use(): void
  /** Another one took over: it ends when what is on its way has arrived. */
  retire(): void
  /** There are too many of it. */
  close(): void
}

/** All links between this node and one other. */
export interface Pair {
  /** Hex. */
  readonly writerKey: string
  readonly used: PairEnd | undefined
  /** The next to be used first. */
  readonly spares: readonly PairEnd[]
}

export interface Member {
  readonly pair: Pair
  /** False for what the other end may not say. */
  hears(message: LinkMessage): boolean
  leave(): void
}

interface Runs {
  readonly own: string
  readonly other: string
}

export interface Pairs {
  /** @param writerKey hex @param runs what tells the runs of both nodes from earlier ones */
  join(end: PairEnd, writerKey: string, runs: Runs): Member
  /** Who is at the other end of any link, by writer key: by the one that is used, or the next. */
  met(): ReadonlyMap<string, PairEnd>
  /** Looks whether a link in use has fallen silent while a spare answers. */
  look(): void
}

interface OpenPair extends Pair {
  readonly isLeader: boolean
  /** Direct ones first, then as they came; the used one is among them. */
  ends: PairEnd[]
  used: PairEnd | undefined
  /** Of the last `use`. */
  serial: number
  /** Spares that have brought the news that the link of this serial is lost. */
  readonly told: Map<PairEnd, number>
}

/**
 * Of several links to one node one is used. The node with the lesser writer key decides which: a direct one before one by way
 * of a relay, then the one that came first. The other one follows, and says so when it finds the used one broken first.
 */
export const createPairs = (
  ownKey: string,
  onChange: (writerKey: string, isMet: boolean) => void = () => {},
): Pairs => {
  const pairs = new Map<string, OpenPair>()
  /** Of all pairs: one that comes back must not begin anew while its other end remembers. */
  let lastSerial = 0

  const open = (writerKey: string, runs: Runs): OpenPair => ({
    writerKey,
    // Two that write with one key are told apart by their runs.
    isLeader: ownKey === writerKey ? runs.own < runs.other : ownKey < writerKey,
    ends: [],
    used: undefined,
    serial: 0,
    told: new Map(),
    get spares() {
      return this.ends.filter((end) => end !== this.used)
    },
  })

  const change = (pair: OpenPair, end: PairEnd, serial: number) => {
    const before = pair.used
    pair.serial = serial
    pair.used = end
    pair.told.clear()
    if (before === end) return
    onChange(pair.writerKey, true)
    if (before) pair.ends = pair.ends.filter((other) => other !== before)
    // In this order an app sees one peer at any moment, neither two nor none.
    before?.retire()
    end.use()
  }
  const use = (pair: OpenPair, end: PairEnd) => {
    end.send({ type: 'use', serial: ++lastSerial })
    change(pair, end, lastSerial)
  }
  const answers = ({ beat }: PairEnd) => beat.silentMs <= FRESH_MS
  const best = ({ spares }: OpenPair) => spares.find(answers) ?? spares[0]
  const tellLost = (pair: OpenPair, end: PairEnd | undefined) => {
    // Before the first use the leader is about to say which.
    if (!end || pair.serial === 0 || pair.told.get(end) === pair.serial) return
    pair.told.set(end, pair.serial)
    end.send({ type: 'lost', serial: pair.serial })
  }

  /** The one in use and the next that answers are asked often, and nobody where there is no choice. */
  const hurry = ({ ends, used, spares }: OpenPair) => {
    const next = spares.findIndex(answers)
    const quick = new Set([used, ...(next < 0 ? spares : spares.slice(0, next + 1))])
    for (const end of ends) end.beat.isQuick = ends.length > 1 && quick.has(end)
  }

  /** What is to be done now that links have come or gone. */
  const reconsider = (pair: OpenPair) => {
    const { isLeader, used } = pair
    const next = best(pair)
    if (next && isLeader && (!used || (used.isRelayed && !next.isRelayed))) use(pair, next)
    else if (!used && !isLeader) tellLost(pair, next)
    // The follower bears with more, as it may be the leader's turn to close them.
    const most = MAX_SPARES_PER_PAIR * (isLeader ? 1 : 2)
    for (const end of pair.spares.slice(most)) end.close()
    hurry(pair)
  }

  const look = (pair: OpenPair) => {
    if (pair.ends.length < 2 && pair.used) return
    hurry(pair)
    const { used, isLeader } = pair
    if (!used) {
      if (!isLeader) tellLost(pair, pair.spares.find(answers))
      return
    }
    // A long road takes its time to answer.
    const { silentMs, roundTripMs = 0 } = used.beat
    if (silentMs < MAX_SILENCE_WITH_SPARE_MS + Math.min(roundTripMs, MAX_ROUND_TRIP_MS)) return
    const next = pair.spares.find((end) => answers(end) && end.beat.steadyForMs < silentMs)
    if (next && isLeader) use(pair, next)
    else tellLost(pair, next)
  }

  const met = () => {
    const ends = new Map<string, PairEnd>()
    for (const { writerKey, used, ends: all } of pairs.values()) {
      const end = used ?? all[0]
      if (end) ends.set(writerKey, end)
    }
    return ends
  }

  return {
    join: (end, writerKey, runs) => {
      const key = `${writerKey} ${runs.own} ${runs.other}`
      const pair = pairs.get(key) ?? open(writerKey, runs)
      pairs.set(key, pair)
      const firstRelayed = pair.ends.findIndex(({ isRelayed }) => isRelayed && !end.isRelayed)
      pair.ends.splice(firstRelayed < 0 ? pair.ends.length : firstRelayed, 0, end)
      end.spare()
      onChange(writerKey, true)
      reconsider(pair)
      return {
        pair,
        hears: (message) => {
          const isMember = pair.ends.includes(end)
          if (message.type === 'use' && !pair.isLeader) {
            // A late one changes nothing: another link has been used since.
            if (isMember && message.serial > pair.serial) change(pair, end, message.serial)
          } else if (message.type === 'lost' && pair.isLeader) {
            if (isMember && message.serial === pair.serial && end !== pair.used) use(pair, end)
          } else return false
          hurry(pair)
          return true
        },
        leave: () => {
          pair.ends = pair.ends.filter((other) => other !== end)
          pair.told.delete(end)
          if (pair.used === end) pair.used = undefined
          if (pair.ends.length > 0) reconsider(pair)
          else if (pairs.get(key) === pair) pairs.delete(key)
          onChange(writerKey, met().has(writerKey))
        },
      }
    },
    met,
    look: () => {
      for (const pair of pairs.values()) look(pair)
    },
  }
}

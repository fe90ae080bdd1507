import type { Clock } from '../api.js'
import { RELAY } from '../protocol/extensions.js'
import { isJsonObject, type JsonObject, ownField, parseJson } from '../protocol/json.js'
import {
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_UNSEALED_FRAMES,
  RELAY_FRAME_FACTOR,
  RELAY_HINT_BURST,
  RELAY_HINTS_PER_SECOND,
  UNSEALED_FRAMES_PER_SECOND,
} from '../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'
import type { Link } from './link.js'
import type { Outbox } from './outbox.js'
import type { PresenceKeeper } from './presence.js'
import { createTaking, type Taking } from './taking.js'

/** What a channel knows of one link. */
export interface LinkState {
  bucket: TokenBucket
  /** Of hints: each makes an asker ask again, on all its links. */
  readonly hints: TokenBucket
  /** Undefined until it says that it is a relay. */
  others: number | undefined
  isReported: boolean
  /** Of frames that nobody of the person's has sealed. */
  readonly noise: TokenBucket
  readonly taking: Taking
}

export interface LinkStateOptions {
  readonly now: () => number
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  /** Hears what the other ends say of what they take. */
  readonly outbox: Pick<Outbox, 'relays' | 'taken'>
  /** A relay dropped so many frames that were for this node. */
  readonly onMissed: (link: Link, frames: number) => void
  readonly presence?: Pick<PresenceKeeper, 'relays'>
}

/** A number of things, in a hint. */
const count = (hint: JsonObject, name: string): number | undefined => {
  const value = ownField(hint, name)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** Limits of each link, and what its other end says of itself and of others: claims, by which nothing is decided but when to speak. */
export const createLinkStates = (options: LinkStateOptions) => {
  const { now, outbox } = options
  const states = new WeakMap<Link, LinkState>()

  const stateOf = (link: Link): LinkState => {
    const known = states.get(link)
    if (known) return known
    const state: LinkState = {
      bucket: createTokenBucket({ rate: FRAMES_PER_SECOND, burst: FRAME_BURST }),
      hints: createTokenBucket({ rate: RELAY_HINTS_PER_SECOND, burst: RELAY_HINT_BURST }),
      others: undefined,
      isReported: false,
      noise: createTokenBucket({ rate: UNSEALED_FRAMES_PER_SECOND, burst: MAX_UNSEALED_FRAMES }),
      taking: createTaking({
        ...options.clock,
        // A relay has said before what it is, and asks nobody.
        send: (hint) => {
          if (state.others === undefined) link.replication?.send(RELAY, hint)
        },
      }),
    }
    states.set(link, state)
    return state
  }

  /** @returns `more` when somebody may be there who was not, `malformed` for what is no hint */
  const heed = (link: Link, bytes: Uint8Array): 'more' | 'malformed' | undefined => {
    const hint = parseJson(bytes, { maxBytes: 64 })
    if (!isJsonObject(hint)) return 'malformed'
    const taken = count(hint, 'taken')
    if (taken !== undefined) return void outbox.taken(link, taken)
    const missed = count(hint, 'missed')
    if (missed !== undefined) return void options.onMissed(link, missed)
    const others = count(hint, 'peers')
    if (others === undefined) return 'malformed'
    outbox.relays(link, others, count(hint, 'old'))
    const state = stateOf(link)
    // Once a link: a new bucket is a full one.
    if (state.others === undefined) {
      state.bucket = createTokenBucket({
        rate: FRAMES_PER_SECOND * RELAY_FRAME_FACTOR,
        burst: FRAME_BURST * RELAY_FRAME_FACTOR,
      })
    }
    // As many as before is said when one has left and another one has come.
    const grew = others > 0 && others >= (state.others ?? 0)
    state.others = others
    options.presence?.relays(link, others)
    return grew && state.hints.take(now()) ? 'more' : undefined
  }

  return { stateOf, heed }
}

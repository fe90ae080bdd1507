import { fromCallback } from 'xstate'
import type { Link } from '../actors/link.js'
import { createTaking } from '../actors/taking.js'
import { fingerprint, type MessageTrace, type Traces } from '../actors/tracing.js'
import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { EPHEMERAL, PACK, RELAY, SECURE_EPHEMERAL } from '../protocol/extensions.js'
import { isJsonObject, ownField, parseJson } from '../protocol/json.js'
import {
  FRAME_ABUSE_FACTOR,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_ALWAYS_ON_CONNECTIONS,
  MAX_FRAME_BYTES,
  MAX_STRANGER_NOISE,
  RELAY_FRAME_FACTOR,
  STRANGER_FRAME_BURST,
  STRANGER_FRAMES_PER_SECOND,
  STRANGER_NOISE_PER_SECOND,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import type { HostedHypha } from './hyphas.js'

export interface RelayServices {
  readonly links: Map<string, Link>
  readonly hyphaOf: (link: Link) => HostedHypha | undefined
  readonly hash: Crypto['hash']
  /** For inspectors. */
  readonly traces?: Traces
  readonly now: () => number
}

const ID_BYTES = 16

/** What is relayed: sealed, in the open, and many sealed as one. None of it is looked into. */
const CONTEXTS = new Map([EPHEMERAL, SECURE_EPHEMERAL, PACK].map((name) => [name, utf8(`${name}\0`)]))

/** Messaging, as an always-on node does it: passes frames on to the others of the same hypha, each frame once. */
export const createRelay = ({ links, hyphaOf, hash, traces, now }: RelayServices) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input }) => {
    const link = links.get(input.linkId)
    const hypha = link && hyphaOf(link)
    if (!link || !hypha) return
    const { members, seats } = hypha
    const passing = createTokenBucket({ rate: FRAMES_PER_SECOND, burst: FRAME_BURST })
    const coming = createTokenBucket({
      rate: FRAMES_PER_SECOND * FRAME_ABUSE_FACTOR,
      burst: FRAME_BURST * FRAME_ABUSE_FACTOR,
    })
    const ofStranger = createTokenBucket({ rate: STRANGER_FRAMES_PER_SECOND, burst: STRANGER_FRAME_BURST })
    const noise = createTokenBucket({ rate: STRANGER_NOISE_PER_SECOND, burst: MAX_STRANGER_NOISE })
    /** Frames are sealed with what the person's nodes alone have; another always-on node passes on those of others. */
    const isStranger = () => !seats.isProven(link.connection) && !link.connection.discoveryKey
    const trace = (what: MessageTrace['what'], frame: Uint8Array, sentOn?: number) =>
      traces?.tell?.({
        what,
        linkId: link.id,
        frame: fingerprint(hash, frame.subarray(0, MAX_FRAME_BYTES)),
        bytes: frame.length,
        ...(sentOn === undefined ? {} : { links: sentOn }),
      })
    let isExpelled = false
    const expel = (what: string) => {
      isExpelled = true
      const error = new HyphaError('PEER_MISBEHAVED', `A peer sent ${what} and was disconnected.`)
      link.connection.stream.destroy(error)
    }

    const heed = (frame: Uint8Array) => {
      const hint = parseJson(frame, { maxBytes: 64 })
      if (!isJsonObject(hint)) return
      const peers = ownField(hint, 'peers')
      if (typeof peers !== 'number' || !Number.isSafeInteger(peers) || peers < 0) return
      const old = ownField(hint, 'old')
      members.heard(link, {
        peers: Math.min(peers, MAX_ALWAYS_ON_CONNECTIONS),
        // One that does not know of packs says nothing of them.
        old:
          typeof old === 'number' && Number.isSafeInteger(old) && old >= 0
            ? Math.min(old, MAX_ALWAYS_ON_CONNECTIONS)
            : peers,
      })
    }
    const taking = createTaking({
      send: (hint) => link.replication?.send(RELAY, hint),
      isHeld: () => members.isAnyBusy(now()),
      setTimeout: (run, delay) => setTimeout(run, delay).unref(),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    })

    link.onExtension = (name, frame) => {
      const context = CONTEXTS.get(name)
      if (isExpelled) return
      if (name === RELAY && link.connection.discoveryKey && coming.take(now())) return heed(frame)
      if (!context) return
      link.counters.messagesReceived++
      const time = now()
      if (name === PACK) taking.came(frame.length)
      if (frame.length > MAX_FRAME_BYTES) {
        trace('refused', frame)
        return expel(`a frame of more than ${MAX_FRAME_BYTES} bytes`)
      }
      if (!coming.take(time)) {
        trace('refused', frame)
        return expel(`frames at more than ${FRAME_ABUSE_FACTOR} times the rate it may`)
      }
      if (isStranger() && !ofStranger.take(time)) {
        link.counters.messagesRefused++
        trace('refused', frame)
        if (noise.take(time)) return
        return expel('noise on and on, without having proven to be one of the person’s nodes,')
      }
      // The more there are, the less each may send: together they stay within what a node takes from one relay.
      // Another relay's link carries the frames of many.
      const share = members.isRelay(link)
        ? 1 / RELAY_FRAME_FACTOR
        : Math.max(1, members.counted / RELAY_FRAME_FACTOR)
      if (!passing.take(time, share)) {
        link.counters.messagesRefused++
        trace('refused', frame)
        return
      }
      const id = Buffer.from(hash(concat(context, frame), { length: ID_BYTES })).toString('base64')
      if (!link.gate?.admit(id)) return trace('duplicate', frame)
      const sentOn = members.forward(link, name, frame)
      trace('relayed', frame, sentOn)
    }
    members.add(link)
    return () => {
      delete link.onExtension
      taking.stop()
      members.delete(link)
    }
  })

import { toHex } from '../../protocol/bytes.js'
import {
  decodeIntroduction,
  encodeIntroduction,
  type Introduction,
  introductionContext,
  type PeerSignal,
  type Unusable,
} from '../../protocol/introduction.js'
import { MAX_GONE_MEMBERS, MAX_SIGNALLING_ROOM_MEMBERS, SIGNALLING_ID_BYTES } from '../../protocol/limits.js'
import type { Presence, Room, Signalling } from '../signalling/signalling.js'
import type { DialTarget, IntroductionSeal } from './transport.js'

export const randomHex = (bytes: number): string => toHex(crypto.getRandomValues(new Uint8Array(bytes)))

export interface IntroductionHandlers {
  /** A node of the person is there. @param isAwaited whether it was there first, so that this node is to offer */
  met(session: string, isAwaited: boolean): void
  /** It is in none of the rooms any more. What connects the two may be up all the same. */
  left(session: string): void
  signal(session: string, attempt: string, signal: PeerSignal): void
  /** The other end can make nothing of what this one said. */
  failed(session: string, attempt: string): void
  /** This end can make nothing of the other's offer or answer. */
  unusable(session: string, attempt: string, kind: Unusable['kind']): void
}

export interface Introductions {
  /** Messages that nobody with the person's key can have meant for this node: forged, replayed, or of a version to come. */
  readonly ignored: number
  /** A stay in the room of one service, to be kept up. */
  target(signalling: Signalling): DialTarget
  isPresent(session: string): boolean
  /** To where the other was heard of last; nowhere if it has left. */
  send(session: string, introduction: Introduction): void
}

/** Another member of a room, from the first message of it that opened. */
interface Other {
  readonly session: string
  /** Of the last message taken. */
  counter: number
}

type Say = (introduction: Introduction) => void

/**
 * How the nodes of a person get to know each other through servers that nobody trusts. Ids are of one stay in one room;
 * sessions are of one start of a node, and only the person's nodes see them: they tell who is the same behind two ids.
 */
export const createIntroductions = (
  {
    discoveryKey,
    session,
    seal,
    prove,
  }: { discoveryKey: Uint8Array; session: string; seal: IntroductionSeal; prove?: Room['prove'] },
  heard: IntroductionHandlers,
): Introductions => {
  let ignored = 0
  /** By session: the ways there, the newest last. */
  const ways = new Map<string, Say[]>()

  const addWay = (to: string, say: Say) => ways.set(to, [...(ways.get(to) ?? []), say])
  const removeWay = (to: string, say: Say) => {
    const left = (ways.get(to) ?? []).filter((way) => way !== say)
    if (left.length > 0) return void ways.set(to, left)
    ways.delete(to)
    heard.left(to)
  }

  const stay = async (signalling: Signalling, signal: AbortSignal): Promise<Presence> => {
    const id = randomHex(SIGNALLING_ID_BYTES)
    const others = new Map<string, Other & { readonly say: Say }>()
    /** Ids are of one stay, so nobody comes back; who repeats what one of these said is the server. The oldest come first. */
    const gone = new Set<string>()
    let counter = 0

    const sayTo =
      (to: string): Say =>
      (introduction) => {
        const bytes = encodeIntroduction({ session, counter: ++counter, introduction })
        presence.send(to, seal.seal(bytes, introductionContext(discoveryKey, id, to)))
      }
    const forget = (other: string) => {
      const found = others.get(other)
      if (!found) return
      others.delete(other)
      gone.add(other)
      const [oldest] = gone
      if (gone.size > MAX_GONE_MEMBERS && oldest !== undefined) gone.delete(oldest)
      removeWay(found.session, found.say)
    }

    /** What they said, if they are one of the person's nodes and say it for the first time. */
    const open = (from: string, sealed: Uint8Array): Introduction | Unusable | undefined => {
      if (gone.has(from)) return undefined
      const bytes = seal.open(sealed, introductionContext(discoveryKey, from, id))
      const introduced = bytes && decodeIntroduction(bytes)
      if (!introduced || introduced.session === session) return undefined
      const other = others.get(from)
      if (other && (other.session !== introduced.session || introduced.counter <= other.counter))
        return undefined
      if (other) other.counter = introduced.counter
      else {
        if (others.size >= MAX_SIGNALLING_ROOM_MEMBERS) return undefined
        const { session: theirs, counter: first } = introduced
        const say = sayTo(from)
        others.set(from, { session: theirs, counter: first, say })
        addWay(theirs, say)
      }
      return introduced.introduction
    }

    const hear = ({ session: from, say }: Other & { say: Say }, introduction: Introduction | Unusable) => {
      switch (introduction.type) {
        case 'signal':
          return heard.signal(from, introduction.attempt, introduction.signal)
        case 'failed':
          return heard.failed(from, introduction.attempt)
        case 'unusable':
          return heard.unusable(from, introduction.attempt, introduction.kind)
        case 'hello':
          say({ type: 'welcome' })
      }
      heard.met(from, introduction.type === 'welcome')
    }

    const presence: Presence = await signalling.join(
      { discoveryKey, id, ...(prove ? { prove } : {}) },
      {
        came: () => {},
        went: forget,
        message: (from, sealed) => {
          const introduction = open(from, sealed)
          const other = others.get(from)
          if (!introduction || !other) {
            ignored++
            return
          }
          hear(other, introduction)
        },
      },
      signal,
    )
    for (const member of presence.members) sayTo(member)({ type: 'hello' })
    const closed = presence.closed.then(() => {
      for (const other of [...others.keys()]) forget(other)
    })
    return { ...presence, closed }
  }

  return {
    get ignored() {
      return ignored
    },
    target: (signalling) => ({
      address: signalling.address,
      isLocal: signalling.isLocal,
      isIntroduction: true,
      dial: (signal) => stay(signalling, signal),
    }),
    isPresent: (other) => ways.has(other),
    send: (other, introduction) => ways.get(other)?.at(-1)?.(introduction),
  }
}

import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Keyring } from '../adapters/crypto/keyring.js'
import type { Database } from '../adapters/database/database.js'
import type { NodeMemory } from '../adapters/storage/node-memory.js'
import type { Storage } from '../adapters/storage/storage.js'
import type { Clock, NodeEvents } from '../api.js'
import type { Emitter } from '../emitter.js'
import type { PromptInput } from '../machines/prompt.js'
import type { StoredNode } from '../protocol/stored-node.js'
import type { View } from '../view/view.js'
import type { Channel } from './channel.js'
import type { Declined } from './declined.js'
import type { Entries } from './entries.js'
import type { Heard } from './heard.js'
import type { Link } from './link.js'
import type { NamedTransport } from './name-transports.js'
import type { Notices } from './notices.js'
import type { Pairings } from './pairing.js'
import type { PresenceKeeper } from './presence.js'
import type { SyncMeter } from './sync.js'
import type { TakenBack } from './taken-back.js'
import type { Traces } from './tracing.js'
import type { Watchers } from './watching.js'

/**
 * Where secrets wait: a passphrase between the call that brings it and the derivation of its keys, the keyring after it.
 * Never part of a context, an event or a snapshot.
 */
export interface Vault {
  /** What the person typed; at sign-up what was generated, until `signUp` has handed it over. */
  passphrase?: string
  /** A sign-up that failed after its origin was sealed: the storage is of that passphrase from then on. */
  unfinished?: { readonly domain: string; readonly passphrase: string }
  /** 32 bytes, when a hypha is opened by its link alone. */
  hyphalink?: Uint8Array
  keyring?: Keyring
}

/** What belongs to one open hypha. */
export interface Session {
  readonly database: Database
  readonly view: View
  /** Undefined for a reader by hyphalink. */
  readonly keyring: Keyring | undefined
  /** As {@link keyring}. */
  readonly channel: Channel | undefined
  readonly entries: Entries
  readonly notices: Notices
  readonly pairings: Pairings
  readonly presence: PresenceKeeper
  readonly sync: SyncMeter
  onChange(listener: SessionChange): () => void
}

export interface SessionChange {
  /** Who may write changed. */
  nodes(): void
  /** Sync moved. */
  progress(): void
  /** The database is to be closed and opened again: it has another key then. */
  keyGone(): void
}

/** What a node's actors work with. Assembled once, in node.ts. */
export interface NodeServices {
  /** What the storage remembers takes the place of the platform's name, never of one that was given. */
  name: string
  readonly isNamed: boolean
  readonly clock: Clock
  readonly crypto: () => Promise<Crypto>
  /** Runs when a page is being left, which asks nobody. Gives what stops that. */
  readonly whenLeft: (run: () => void) => () => void
  readonly storage: Storage
  readonly memory: NodeMemory
  readonly declined: Declined
  readonly takenBack: TakenBack
  readonly heard: Heard
  /** Questions that wait until there is room for them on the screen. */
  questionsWaiting: number
  /** What the person may do with those, while there is a channel. */
  waitingQuestions:
    | { pick(isMeant: (request: PromptInput) => boolean): string | undefined; forget(): void }
    | undefined
  readonly transports: readonly NamedTransport[]
  readonly links: Map<string, Link>
  readonly vault: Vault
  readonly watchers: Watchers
  readonly events: Emitter<NodeEvents>
  /** For inspectors. */
  readonly traces: Traces
  /** Set by the actor that opens the database, taken away by the one that releases. */
  session: Session | undefined
  /** What was read before the key changed, for watches to hear what differs. */
  viewBefore: View | undefined
  /** How the node came to its hypha, this time or before it was closed. */
  cameBy: StoredNode['by'] | undefined
  /** What the last opening failed with, whole: the machine keeps its code and sentence only. */
  failure: unknown
  /** Opening or releasing, which go on when their machine's state has been left: one has to end before the next begins. */
  underway: Promise<unknown>
  /** Tells the app of something that went wrong outside of any call. What is said at each try is told once. */
  report(error: unknown): void
  /** The own feed is whole again: there is nothing wrong with it any more. */
  mended(): void
  /** A peer is there: what is wrong with the roads is worth telling again. */
  heardFromPeers(): void
  /** Something changed that user interfaces show. */
  changed(): void
}

/** Does work after what is under way has ended, well or not. */
export const inTurn = <T>(services: NodeServices, work: () => Promise<T>): Promise<T> => {
  const turn = services.underway.then(work)
  services.underway = turn.catch(() => {})
  return turn
}

/** Does the work of an opening, and keeps what it failed with for whoever called. */
export const rememberFailure = <T>(services: NodeServices, work: () => Promise<T>): Promise<T> =>
  inTurn(services, async () => {
    services.failure = undefined
    try {
      return await work()
    } catch (error) {
      services.failure = error
      throw error
    }
  })

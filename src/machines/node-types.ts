import type { ActorRefFrom } from 'xstate'
import type { PeerInput, peerMachine } from './peer.js'
import type { Problem } from './problem.js'
import type { PromptsEvent } from './prompts.js'
import type { RequestOutcome } from './request.js'
import type { TransportWish } from './transport.js'

export interface NodeInput {
  readonly name: string
  readonly transports: readonly TransportWish[]
  /** Whether the storage may keep a hypha, so that it has to be looked for. */
  readonly recalls: boolean
}

/** How a node comes to its hypha. Passphrases and keys are no part of it: they wait in a vault that actors hold. */
export type Entrance =
  | { readonly by: 'signUp'; readonly domain: string }
  | { readonly by: 'signIn'; readonly domain: string }
  | { readonly by: 'hyphalink' }
  /** It is here already: nobody has to say anything. */
  | { readonly by: 'storage' }

/** What a node was before it was closed, if it was anything. */
export interface Recalled {
  readonly found: boolean
  readonly name?: string
  /** Its request, while nobody had answered. */
  readonly requestId?: string
}

/** What a node is to remember of this opening. */
export interface Remembering {
  readonly entrance: Entrance
  /** What it asks as soon as it is open. */
  readonly requestId: string | undefined
}

export type Role = 'origin' | 'writer' | 'reader'

export interface OpenedHypha {
  readonly role: Role
  /** Whether this node has the key of the ephemeral channel: without it, it can neither ask nor be asked. */
  readonly hasChannel: boolean
  /** What it asks at once, as it has another key than before. */
  readonly requestId?: string
}

export interface NodeContext extends NodeInput {
  readonly entrance?: Entrance | undefined
  /** What this node is to its hypha: there while one is open, and with it the children that work on it. */
  readonly role?: Role | undefined
  readonly hasChannel: boolean
  readonly requestId?: string | undefined
  readonly lastOutcome?: RequestOutcome | undefined
  readonly lastReason?: string | undefined
  readonly peers: Readonly<Record<string, ActorRefFrom<typeof peerMachine>>>
  readonly synced: boolean
  /** How often in a row the storage was found in somebody else's hands. */
  readonly tries: number
  readonly problem?: Problem | undefined
}

export type NodeEvent =
  // from the app
  | { type: 'signUp'; domain: string }
  | { type: 'signIn'; domain: string; requestId?: string }
  | { type: 'open' }
  /** Looks again what the storage keeps, after a failure. */
  | { type: 'recall' }
  | { type: 'requestAuthorisation'; requestId: string }
  | { type: 'cancelRequest' }
  | { type: 'authorise'; id: string }
  | { type: 'decline'; id: string }
  | { type: 'close' }
  | { type: 'setTransport'; id: string; on: boolean }
  /** Never sent: `snapshot.can({ type: 'write' })` says whether this node may write. */
  | { type: 'write' }
  // from the database
  | { type: 'database.authorised' }
  | { type: 'database.synced'; synced: boolean }
  | { type: 'database.keyGone' }
  // from the transports and peers
  | { type: 'transports.ready' }
  | { type: 'transports.failed'; problem: Problem }
  | { type: 'connection'; link: PeerInput }
  | { type: 'peer.appeared' }
  // from the channel, about this node's own request ...
  | { type: 'answer.acknowledged'; by: string }
  | { type: 'answer.approved'; by: string }
  | { type: 'answer.declined'; by: string }
  // ... and about those of others
  | Exclude<PromptsEvent, { type: 'mayAnswer' | 'authorise' | 'decline' }>
  | { type: 'problem'; problem: Problem }
  | { type: 'problem.solved' }

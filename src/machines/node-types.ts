import type { PeerInput } from './peer.js'
import type { Problem } from './problem.js'
import type { PromptsEvent } from './prompts.js'

export interface NodeInput {
  readonly name: string
  readonly transports: readonly string[]
}

/** How a node comes to its hypha. Passphrases and keys are no part of it: they wait in a vault that actors hold. */
export type Entrance =
  | { readonly by: 'signUp'; readonly domain: string }
  | { readonly by: 'signIn'; readonly domain: string }
  | { readonly by: 'hyphalink' }

export type Role = 'origin' | 'writer' | 'reader'

export interface OpenedHypha {
  readonly role: Role
  /** Whether this node has the key of the ephemeral channel: without it, it can neither ask nor be asked. */
  readonly hasChannel: boolean
}

export type NodeEvent =
  // from the app
  | { type: 'signUp'; domain: string }
  | { type: 'signIn'; domain: string; requestId?: string }
  | { type: 'open' }
  | { type: 'requestAuthorisation'; requestId: string }
  | { type: 'cancelRequest' }
  | { type: 'authorise'; id: string }
  | { type: 'decline'; id: string }
  | { type: 'close' }
  /** Never sent: `snapshot.can({ type: 'write' })` says whether this node may write. */
  | { type: 'write' }
  // from the database
  | { type: 'database.authorised' }
  | { type: 'database.synced'; synced: boolean }
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

import type { Actor, ActorOptions } from 'xstate'
import type { Mending } from './adapters/database/database.js'
import type { Storage } from './adapters/storage/storage.js'
import type { Transport } from './adapters/transport/transport.js'
import type { nodeMachine } from './machines/node.js'
import type { RequestOutcome } from './machines/request.js'
import type { HyphaError } from './protocol/errors.js'

/** What values and messages are. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/** Where time comes from. Milliseconds since 1970; timers as the platform's. */
export interface Clock {
  now(): number
  setTimeout(run: () => void, delay: number): unknown
  clearTimeout(timer: unknown): void
}

export interface NodeOptions {
  /** What people call this device, as in “Authorise Firefox on Ubuntu?”. The platform's name unless given. */
  readonly name?: string
  /** In memory unless given. */
  readonly storage?: Storage
  /** None unless given: the node then keeps to itself. */
  readonly transports?: readonly Transport[]
  readonly clock?: Clock
  /** An XState inspector, or its `inspect` function. No secret passes it. */
  readonly inspect?: ActorOptions<typeof nodeMachine>['inspect']
  /** The person who approves types the words that the other screen shows, instead of comparing them. */
  readonly requireWords?: boolean
  /**
   * For pages with a strict Content-Security-Policy: the URL at which they serve `hypha-runtime/argon2-worker`, which derives
   * keys. Out of a Blob unless given; Node needs none.
   */
  readonly argon2Worker?: string | URL
}

export type NodeState =
  | 'signedOut'
  | 'opening'
  | 'origin'
  | 'readOnly'
  | 'awaitingAuthorisation'
  | 'writer'
  | 'closed'
  | 'failed'

/** What a node asks a person, on a node that may write. */
export interface AuthorisationRequest {
  readonly id: string
  /** As the asking node says; cleaned, at most 64 characters, still a claim. */
  readonly nodeName: string
  readonly writerKey: string
  /** The writer key of a node of the person's whose name this one equals, or looks like. */
  readonly resembles: string | undefined
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  /** Five words that the asking screen shows too; empty when they have to be typed. */
  readonly words: readonly string[]
  /** Sent by a 2019 node: unsigned. */
  readonly legacy: boolean
}

/** This node's own request. */
export interface OwnRequest {
  readonly id: string
  readonly words: readonly string[]
  readonly askedAt: number
  /** The writer that says it approved, once one did. */
  readonly answeredBy?: string
}

export interface Answer {
  readonly outcome: RequestOutcome
  readonly reason?: string
}

export interface Entry {
  readonly key: string
  readonly value: JsonValue
  /** The writer key of the node that wrote it. */
  readonly author: string
  /** When, by that node's clock; milliseconds since 1970. */
  readonly time: number
  readonly public: boolean
}

export interface Change {
  readonly key: string
  /** Undefined when it was deleted. */
  readonly value: JsonValue | undefined
  readonly deleted: boolean
  /**
   * True while the key has other values beside this one, written by devices that had not seen each other's: `getAll` gives all. A
   * change is told when such a value comes or goes, also where `value` stays what it was.
   */
  readonly conflict?: boolean
}

export interface Write {
  readonly type: 'put' | 'del'
  readonly key: string
  /** JSON; checked when it is written. */
  readonly value?: unknown
  readonly public?: boolean
}

/** Whether one of the person's nodes is there now, as far as this node sees: by a link of its own, or through an always-on node. */
export interface Presence {
  readonly here: boolean
  /** The transport by which it is met: `webRTC`, `webSocket`. While it is here; this node itself has none. */
  readonly road?: string
  /** Whether that road leads through somebody's relay. */
  readonly relayed?: boolean
  /** Once it has gone: the last sign of it since this node was opened, by this node's clock. Milliseconds since 1970. */
  readonly lastSeen?: number
}

/** One of the person's nodes that may write. */
export interface KnownNode {
  readonly writerKey: string
  readonly name: string
  readonly authorisedBy: string
  /** Milliseconds since 1970, by the clock of who authorised it. */
  readonly authorisedAt: number
  readonly isSelf: boolean
  readonly revoked: boolean
  /** The writer key of another one whose name this one equals, or looks like. */
  readonly resembles: string | undefined
  readonly presence: Presence
}

/** A device that another one of the person's let in. */
export interface AdmittedDevice {
  readonly writerKey: string
  readonly name: string
  /** The writer key of the device that let it in. */
  readonly authorisedBy: string
  readonly authorisedByName: string
  /** Milliseconds since 1970, by the clock of who let it in. */
  readonly at: number
}

export interface Peer {
  readonly id: string
  readonly transport: string
  readonly direction: 'outgoing' | 'incoming'
  readonly address: string
  /** The key of the feed that it writes to, once it has proven that; an always-on node proves none. */
  readonly writerKey: string | undefined
  /** Whether the road leads through somebody's relay. */
  readonly relayed: boolean
  /** Milliseconds to the peer and back, as measured last. */
  readonly roundTripMs: number | undefined
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Transports of further links to the same node, which are taken when this one breaks. */
  readonly spares: readonly string[]
}

/** What a transport is doing: `failed` when it could not start, `listening` when it only waits for others. */
export type TransportState =
  | 'stopped'
  | 'starting'
  | 'listening'
  | 'dialling'
  | 'connected'
  | 'waiting'
  | 'suspended'
  | 'failed'

/** One of the node's transports. */
export interface TransportStatus {
  /** Its name, with a number when there are several: `webSocket`, `webSocket-2`. */
  readonly id: string
  readonly name: string
  /** Whether it is wanted: as created, or as {@link HyphaNode.setTransport} said last. */
  readonly on: boolean
  readonly state: TransportState
  /** Each address that it keeps connected. */
  readonly addresses: readonly {
    readonly address: string
    readonly state: 'dialling' | 'connected' | 'waiting' | 'suspended'
  }[]
  /** Links that came by it and are up, spares included. */
  readonly links: number
  readonly problem: { readonly code: string; readonly message: string } | undefined
}

export interface Message {
  /** The writer key that the sender claims. Every node of the person can send in any name. */
  readonly from: string
  readonly message: JsonValue
  /** Whether it was sent to this node alone. */
  readonly direct: boolean
}

/** What became of a message that was sent. */
export interface Sent {
  /** Connections that it goes out on; not how many heard it. */
  readonly peers: number
  /**
   * Resolves when it has been handed to them: nothing more waits before it. Rejects with MESSAGES_LOST when it could not be, which
   * is also told by an `error` event. What nobody was there for is sent at once.
   */
  readonly sent: Promise<void>
}

/** How much of something is here, of what is known to exist. */
export interface Amount {
  readonly here: number
  readonly known: number
}

/** How far the replica has come with what one node wrote. */
export interface WriterSync {
  /** The key of the feed that it writes to. */
  readonly writerKey: string
  /** Blocks that are here and readable. */
  readonly blocks: Amount
  /** Bytes of the blocks that are here, readable or not yet, as they are stored and sent. */
  readonly bytes: Amount
  /** Of blocks: 0 to 100, whole; 100 only when all are here. */
  readonly percent: number
}

export interface Sync {
  /** Blocks that are here and readable, of those known to exist. */
  readonly folded: number
  readonly known: number
  /** 0 to 100. */
  readonly percent: number
  readonly complete: boolean
  /** What each node wrote that may write, the founding one first. */
  readonly writers: readonly WriterSync[]
  /** Bytes a second that arrive, of entries: the average of the last few seconds, 0 once nothing does. */
  readonly rate: number
}

export interface NodeEvents {
  'authorisation-requested': AuthorisationRequest
  authorised: { readonly writerKey: string }
  /** Another device let one in; of those that came while this node was away it hears when it is back. */
  'device-admitted': AdmittedDevice
  'peer-connected': Peer
  'peer-disconnected': Peer
  message: Message
  synced: Sync
  error: HyphaError
}

/** An immutable picture of a node, the same object until something changes. */
export interface NodeSnapshot {
  readonly state: NodeState
  readonly name: string
  readonly hyphalink: string | undefined
  readonly writerKey: string | undefined
  readonly request: OwnRequest | undefined
  readonly requests: readonly AuthorisationRequest[]
  /** Further questions, which are shown when some of {@link requests} have been answered. */
  readonly requestsWaiting: number
  readonly nodes: readonly KnownNode[]
  /** Devices that others let in, until {@link HyphaNode.dismissNotice}. */
  readonly notices: readonly AdmittedDevice[]
  readonly peers: readonly Peer[]
  readonly transports: readonly TransportStatus[]
  readonly sync: Sync
  /** Connected peers that have proven to hold everything that this node wrote. */
  readonly heldBy: number
  /**
   * While this node fetches from others what it wrote itself, because its storage was set back or damaged: how many blocks of
   * how many. What is written meanwhile is kept, and is sent after that.
   */
  readonly mending: Mending | undefined
  readonly problem: { readonly code: string; readonly message: string } | undefined
}

/** A place that replicates a hypha. Every promise that rejects does so with a {@link HyphaError}. */
export interface HyphaNode {
  /**
   * Resolves with the node's state once it is known what its storage keeps: `signedOut`, or what it came back as. One that failed
   * is tried again; rejects with why it can't be opened. Reads and writes wait for this by themselves.
   */
  opened(): Promise<Exclude<NodeState, 'opening' | 'failed' | 'closed'>>
  /** Begins a new hypha. Show the passphrase once and don't keep it. */
  signUp(options: { domain: string }): Promise<{ passphrase: string; hyphalink: string }>
  /** Resolves when the replica is open, before data arrives; then asks to be authorised, unless `request` is false. */
  signIn(options: { domain: string; passphrase: string; request?: boolean }): Promise<void>
  /** Replicates as a reader, without a passphrase. */
  open(options: { hyphalink: string }): Promise<void>
  /** Asks, or joins the request under way. */
  requestAuthorisation(): Promise<Answer>
  cancelRequest(): void
  request(): OwnRequest | undefined
  requests(): readonly AuthorisationRequest[]
  authorise(requestId: string, options?: { words?: readonly string[] | string }): Promise<void>
  decline(requestId: string): Promise<void>
  /** Declines all that {@link requests} has now, and forgets those that wait: who still asks is shown again. */
  declineAll(): Promise<void>
  /**
   * The question with these words, shown from now on if it has waited so far: for who stands beside the device that asks.
   * REQUEST_UNKNOWN when there is none.
   */
  showRequest(words: readonly string[] | string): Promise<AuthorisationRequest>
  put(key: string, value: unknown, options?: { public?: boolean }): Promise<void>
  del(key: string): Promise<void>
  batch(writes: readonly Write[]): Promise<void>
  get(key: string): Promise<JsonValue | undefined>
  /** Every value of a key that writers wrote without having seen each other's, the one that `get` gives first. */
  getAll(key: string): Promise<JsonValue[]>
  /** In key order (UTF-16 code units); `prefix` is a plain string prefix. */
  entries(prefix?: string): AsyncIterableIterator<Entry>
  watch(prefix: string, listener: (change: Change) => void): () => void
  /** Messages wait their turn, in order. @throws HyphaError MESSAGES_WAITING when too many do: await `sent`, and go on */
  broadcast(message: unknown): Sent
  send(writerKey: string, message: unknown): Sent
  nodes(): readonly KnownNode[]
  /**
   * The person has seen that a device was let in: it is no notice any more, over restarts too. The person's other devices keep
   * theirs.
   */
  dismissNotice(writerKey: string): Promise<void>
  /** The roads that this node was created with, and what they do. */
  transports(): readonly TransportStatus[]
  /**
   * Takes a road into use or out of it; resolves when it has started or stopped. Before a hypha is open, it is for when it will be.
   * @throws HyphaError TRANSPORT_UNKNOWN, and what starting it throws
   */
  setTransport(id: string, on: boolean): Promise<void>
  readonly state: NodeState
  readonly hyphalink: string | undefined
  /** The key of the feed that this node writes to. */
  readonly writerKey: string | undefined
  subscribe(listener: () => void): () => void
  getSnapshot(): NodeSnapshot
  on<Name extends keyof NodeEvents>(name: Name, listener: (payload: NodeEvents[Name]) => void): () => void
  readonly actor: Actor<typeof nodeMachine>
  /** Leaves no handle open. */
  close(): Promise<void>
}

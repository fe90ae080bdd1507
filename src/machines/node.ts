import { type ActorRefFrom, assign, enqueueActions, sendTo, setup } from 'xstate'
import { type PeerInput, peerMachine } from './peer.js'
import { type Problem, toProblem } from './problem.js'
import { type PromptsEvent, promptsMachine } from './prompts.js'
import { type RequestOutcome, requestMachine } from './request.js'
import { unprovidedCallback, unprovidedPromise } from './unprovided.js'

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

type PeerRef = ActorRefFrom<typeof peerMachine>

const CHILDREN = ['transports', 'channel', 'database', 'prompts'] as const

export const nodeMachine = setup({
  types: {
    context: {} as NodeInput & {
      readonly entrance?: Entrance | undefined
      readonly role?: Role
      readonly hasChannel: boolean
      readonly requestId?: string | undefined
      readonly lastOutcome?: RequestOutcome | undefined
      readonly lastReason?: string | undefined
      readonly peers: Readonly<Record<string, PeerRef>>
      readonly synced: boolean
      readonly problem?: Problem | undefined
    },
    input: {} as NodeInput,
    events: {} as NodeEvent,
    children: {} as {
      request: 'request'
      prompts: 'prompts'
      database: 'database'
      channel: 'channel'
      transports: 'transports'
    },
  },
  actors: {
    /** Turns the passphrase or hyphalink that waits in the vault into the keyring. */
    deriveKeys: unprovidedPromise<void, Entrance>('deriveKeys'),
    /** Opens the database on the storage; at sign-up it also seals the origin. */
    openDatabase: unprovidedPromise<OpenedHypha, Entrance>('openDatabase'),
    /** Tells what happens in the database that matters to this node's life. */
    database: unprovidedCallback<undefined>('database'),
    /** Tells what control messages say: answers to this node's request, and requests of others. */
    channel: unprovidedCallback<undefined>('channel'),
    /** Starts the transports and announces each connection. */
    transports: unprovidedCallback<undefined>('transports'),
    /** Stops transports, closes the database and wipes the keyring. */
    release: unprovidedPromise<void, undefined>('release'),
    peer: peerMachine,
    request: requestMachine,
    prompts: promptsMachine,
  },
  guards: {
    hasChannel: ({ context }) => context.hasChannel,
    isOrigin: ({ context }) => context.role === 'origin',
    isWriter: ({ context }) => context.role === 'writer',
    asksAtOnce: ({ context }) => context.hasChannel && context.requestId !== undefined,
  },
  actions: {
    recordFailure: assign(({ event }) => ({
      problem: toProblem('error' in event ? event.error : undefined),
    })),
    recordProblem: assign(({ event }) =>
      event.type === 'problem' || event.type === 'transports.failed' ? { problem: event.problem } : {},
    ),
    recordSync: assign(({ event }) => (event.type === 'database.synced' ? { synced: event.synced } : {})),
    recordWriter: assign({ role: 'writer' }),
    enter: assign(({ event }) => {
      switch (event.type) {
        case 'signUp':
          return { entrance: { by: 'signUp' as const, domain: event.domain }, requestId: undefined }
        case 'signIn':
          return { entrance: { by: 'signIn' as const, domain: event.domain }, requestId: event.requestId }
        default:
          return { entrance: { by: 'hyphalink' as const }, requestId: undefined }
      }
    }),
    forgetRequest: assign({ requestId: undefined }),
    startWork: enqueueActions(({ enqueue }) => {
      enqueue.spawnChild('prompts', { id: 'prompts' })
      enqueue.spawnChild('database', { id: 'database' })
      enqueue.spawnChild('channel', { id: 'channel' })
      enqueue.spawnChild('transports', { id: 'transports' })
    }),
    stopWork: enqueueActions(({ context, enqueue }) => {
      for (const child of CHILDREN) enqueue.stopChild(child)
      for (const linkId of Object.keys(context.peers)) enqueue.stopChild(`peer:${linkId}`)
      enqueue.assign({ peers: {}, synced: false })
    }),
    addPeer: assign(({ context, event, spawn }) => {
      if (event.type !== 'connection') return {}
      const { link } = event
      const peer = spawn('peer', { id: `peer:${link.linkId}`, input: link, syncSnapshot: true })
      return { peers: { ...context.peers, [link.linkId]: peer } }
    }),
    dropPeer: enqueueActions(({ context, event, enqueue }) => {
      const actorId = 'actorId' in event ? String(event.actorId) : ''
      const linkId = actorId.replace(/^peer:/, '')
      if (context.peers[linkId] === undefined) return
      enqueue.stopChild(actorId)
      enqueue.assign({
        peers: Object.fromEntries(Object.entries(context.peers).filter(([other]) => other !== linkId)),
      })
    }),
    tellPrompts: enqueueActions(({ event, enqueue }) => {
      switch (event.type) {
        case 'request.received':
        case 'request.renewed':
        case 'request.cancelled':
        case 'request.declinedElsewhere':
        case 'writer.authorised':
        case 'authorise':
        case 'decline':
          enqueue.sendTo('prompts', event)
      }
    }),
    /** What `snapshot.can` answers by. */
    permit: () => {},
  },
}).createMachine({
  id: 'node',
  description:
    'A node’s life: from nobody’s device to a place that replicates a hypha, and on to one that may write it.',
  context: ({ input }) => ({ ...input, hasChannel: false, peers: {}, synced: false }),
  initial: 'signedOut',
  on: {
    connection: { actions: 'addPeer' },
    problem: { actions: 'recordProblem' },
    'database.synced': { actions: 'recordSync' },
    'request.received': { actions: 'tellPrompts' },
    'request.renewed': { actions: 'tellPrompts' },
    'request.cancelled': { actions: 'tellPrompts' },
    'request.declinedElsewhere': { actions: 'tellPrompts' },
    'writer.authorised': { actions: 'tellPrompts' },
    'xstate.done.actor.*': { actions: 'dropPeer' },
    'xstate.error.actor.*': { actions: 'dropPeer' },
  },
  states: {
    signedOut: {
      description: 'The node belongs to nobody. A person may sign up, sign in, or open a hypha as a reader.',
      on: {
        signUp: { target: 'opening', actions: 'enter' },
        signIn: { target: 'opening', actions: 'enter' },
        open: { target: 'opening', actions: 'enter' },
        close: 'closed',
      },
    },
    opening: {
      description: 'The node is getting ready.',
      entry: assign({ problem: undefined }),
      initial: 'derivingKeys',
      on: { close: 'closed' },
      states: {
        derivingKeys: {
          description:
            'The keys are derived from the passphrase and the domain. This takes a moment on purpose: guessing has to be slow.',
          invoke: {
            id: 'deriveKeys',
            src: 'deriveKeys',
            input: ({ context }) => context.entrance ?? { by: 'hyphalink' },
            onDone: 'openingDatabase',
            onError: { target: '#node.signedOut', actions: 'recordFailure' },
          },
        },
        openingDatabase: {
          description: 'The database is opened; at sign-up the origin is written and sealed.',
          invoke: {
            id: 'openDatabase',
            src: 'openDatabase',
            input: ({ context }) => context.entrance ?? { by: 'hyphalink' },
            onDone: {
              target: 'startingTransports',
              actions: [
                assign({
                  role: ({ event }) => event.output.role,
                  hasChannel: ({ event }) => event.output.hasChannel,
                }),
                'startWork',
              ],
            },
            onError: { target: '#node.failed', actions: 'recordFailure' },
          },
        },
        startingTransports: {
          description: 'The roads to other nodes are being opened.',
          on: {
            'transports.ready': [
              { guard: 'isOrigin', target: '#node.origin' },
              { guard: 'isWriter', target: '#node.writer' },
              { guard: 'asksAtOnce', target: '#node.awaitingAuthorisation' },
              { target: '#node.readOnly' },
            ],
            'transports.failed': { target: '#node.failed', actions: 'recordProblem' },
          },
        },
      },
    },
    origin: {
      description: 'The person signed up here. This node writes, and its person is asked about others.',
      entry: sendTo('prompts', { type: 'mayAnswer' }),
      on: {
        write: { actions: 'permit' },
        authorise: { actions: 'tellPrompts' },
        decline: { actions: 'tellPrompts' },
        close: 'closed',
      },
    },
    readOnly: {
      description: 'The node replicates and reads. It may not write.',
      entry: 'forgetRequest',
      on: {
        requestAuthorisation: {
          guard: 'hasChannel',
          target: 'awaitingAuthorisation',
          actions: assign({ requestId: ({ event }) => event.requestId }),
        },
        'database.authorised': 'writer',
        close: 'closed',
      },
    },
    awaitingAuthorisation: {
      description:
        'The node has asked to be let in and waits for a person’s answer on a device that may write.',
      invoke: {
        id: 'request',
        src: 'request',
        input: ({ context }) => ({ requestId: context.requestId ?? '' }),
        onDone: [
          { guard: ({ event }) => event.output.outcome === 'authorised', target: 'writer' },
          {
            target: 'readOnly',
            actions: assign({
              lastOutcome: ({ event }) => event.output.outcome,
              lastReason: ({ event }) => event.output.reason,
            }),
          },
        ],
      },
      on: {
        'peer.appeared': { actions: sendTo('request', { type: 'peer.appeared' }) },
        'answer.acknowledged': {
          actions: sendTo('request', ({ event }) => ({ type: 'acknowledged', by: event.by })),
        },
        'answer.approved': {
          actions: sendTo('request', ({ event }) => ({ type: 'approved', by: event.by })),
        },
        'answer.declined': {
          actions: sendTo('request', ({ event }) => ({ type: 'declined', by: event.by })),
        },
        'database.authorised': { actions: sendTo('request', { type: 'authorised' }) },
        cancelRequest: { actions: sendTo('request', { type: 'cancel' }) },
        close: 'closed',
      },
    },
    writer: {
      description: 'A person has let this node in: it writes, and its person is asked about others.',
      entry: ['forgetRequest', 'recordWriter', sendTo('prompts', { type: 'mayAnswer' })],
      on: {
        write: { actions: 'permit' },
        authorise: { actions: 'tellPrompts' },
        decline: { actions: 'tellPrompts' },
        close: 'closed',
      },
    },
    failed: {
      description:
        'The node could not be opened. What was half open is released; then it may be tried again.',
      entry: 'stopWork',
      initial: 'releasing',
      states: {
        releasing: {
          description: 'Files, sockets and keys are given back.',
          invoke: { id: 'release', src: 'release', onDone: 'released', onError: 'released' },
          on: { close: '#node.closed' },
        },
        released: {
          description: 'Nothing is held any more.',
          on: {
            signUp: { target: '#node.opening', actions: 'enter' },
            signIn: { target: '#node.opening', actions: 'enter' },
            open: { target: '#node.opening', actions: 'enter' },
            close: '#node.closed',
          },
        },
      },
    },
    closed: {
      description: 'The node has ended. It can’t be opened again: make a new one.',
      entry: 'stopWork',
      initial: 'releasing',
      states: {
        releasing: {
          description: 'Files, sockets and keys are given back.',
          invoke: {
            id: 'release',
            src: 'release',
            onDone: 'released',
            onError: { target: 'released', actions: 'recordFailure' },
          },
        },
        released: { type: 'final', description: 'Nothing is held any more.' },
      },
    },
  },
})

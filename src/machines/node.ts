import { assign, enqueueActions, sendTo, setup } from 'xstate'
import { lockWait } from './lock-wait.js'
import { newsForRequest } from './news-for-request.js'
import { nodeActors } from './node-actors.js'
import {
  askedBy,
  CHILDREN,
  childOf,
  endedBy,
  enteredBy,
  failedBy,
  isForPrompts,
  openedBy,
  peersAfter,
  problemOf,
  recalledBy,
  wishesAfter,
} from './node-events.js'
import { nodeGuards } from './node-guards.js'
import type { NodeContext, NodeEvent, NodeInput } from './node-types.js'
import { peerMachine } from './peer.js'
import { promptsMachine } from './prompts.js'
import { requestMachine } from './request.js'
import { transportsMachine } from './transports.js'

export type * from './node-types.js'

export const nodeMachine = setup({
  types: {
    context: {} as NodeContext,
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
    ...nodeActors,
    transports: transportsMachine,
    peer: peerMachine,
    request: requestMachine,
    prompts: promptsMachine,
  },
  guards: nodeGuards,
  actions: {
    recordFailure: assign(({ event }) => failedBy(event)),
    recordProblem: assign(({ event }) => problemOf(event)),
    recordSync: assign(({ event }) => (event.type === 'database.synced' ? { synced: event.synced } : {})),
    recordWriter: assign({ role: 'writer' }),
    enter: assign(({ event }) => enteredBy(event)),
    recordRecalled: assign(({ context, event }) => recalledBy(context, event)),
    stopRecalling: assign({ recalls: false }),
    forgetProblem: assign({ problem: undefined }),
    countTry: assign(({ context }) => ({ tries: context.tries + 1 })),
    forgetTries: assign({ tries: 0 }),
    recordOpened: assign(({ event }) => openedBy(event)),
    recordRequest: assign(({ event }) => askedBy(event)),
    forgetRequest: assign({ requestId: undefined }),
    recordOutcome: assign(({ event }) => endedBy(event)),
    forgetOutcome: assign({ lastOutcome: undefined, lastReason: undefined }),
    tellRequest: enqueueActions(({ event, enqueue }) => {
      const news = newsForRequest(event)
      if (news) enqueue.sendTo('request', news)
    }),
    letAnswer: sendTo('prompts', { type: 'mayAnswer' }),
    startWork: enqueueActions(({ context: { transports }, enqueue }) => {
      enqueue.spawnChild('prompts', { id: 'prompts' })
      enqueue.spawnChild('database', { id: 'database' })
      enqueue.spawnChild('channel', { id: 'channel' })
      enqueue.spawnChild('transports', { id: 'transports', input: { transports }, syncSnapshot: true })
    }),
    stopWork: enqueueActions(({ context, enqueue }) => {
      for (const child of CHILDREN) enqueue.stopChild(child)
      for (const linkId of Object.keys(context.peers)) enqueue.stopChild(`peer:${linkId}`)
      enqueue.assign({ peers: {}, synced: false, role: undefined })
    }),
    addPeer: assign(({ context, event, spawn }) => {
      if (event.type !== 'connection') return {}
      const { link } = event
      const peer = spawn('peer', { id: `peer:${link.linkId}`, input: link, syncSnapshot: true })
      return { peers: { ...context.peers, [link.linkId]: peer } }
    }),
    dropPeer: enqueueActions(({ context, event, enqueue }) => {
      const peers = peersAfter(context, event)
      if (!peers) return
      // A child that has finished stays among the children until it is stopped.
      enqueue.stopChild(childOf(event))
      enqueue.assign({ peers })
    }),
    recordWish: assign(({ context, event }) => wishesAfter(context, event)),
    tellTransports: sendTo(
      'transports',
      ({ event }) => event as Extract<NodeEvent, { type: 'setTransport' }>,
    ),
    tellPrompts: enqueueActions(({ event, enqueue }) => {
      if (isForPrompts(event)) enqueue.sendTo('prompts', event)
    }),
    /** What `snapshot.can` answers by. */
    permit: () => {},
  },
  delays: { lockWait: ({ context }) => lockWait(context.tries) },
}).createMachine({
  id: 'node',
  description:
    'A node’s life: from nobody’s device to a place that replicates a hypha, and on to one that may write it.',
  context: ({ input }) => ({
    ...input,
    hasChannel: false,
    peers: {},
    synced: false,
    tries: 0,
  }),
  initial: 'signedOut',
  on: {
    connection: { guard: 'isNewLink', actions: 'addPeer' },
    setTransport: [{ guard: 'isOpen', actions: ['recordWish', 'tellTransports'] }, { actions: 'recordWish' }],
    problem: { actions: 'recordProblem' },
    'problem.solved': { actions: 'forgetProblem' },
    'database.keyGone': { guard: 'isOpen', target: '.opening.changingKey' },
    'database.synced': { guard: 'isOpen', actions: 'recordSync' },
    'request.received': { guard: 'isOpen', actions: 'tellPrompts' },
    'request.renewed': { guard: 'isOpen', actions: 'tellPrompts' },
    'request.cancelled': { guard: 'isOpen', actions: 'tellPrompts' },
    'request.declinedElsewhere': { guard: 'isOpen', actions: 'tellPrompts' },
    'writer.authorised': { guard: 'isOpen', actions: 'tellPrompts' },
    'xstate.done.actor.*': { actions: 'dropPeer' },
    'xstate.error.actor.*': [
      { guard: 'isWork', target: '.failed', actions: 'recordFailure' },
      { actions: 'dropPeer' },
    ],
  },
  states: {
    signedOut: {
      description: 'The node belongs to nobody. A person may sign up, sign in, or open a hypha as a reader.',
      always: { guard: 'recalls', target: 'opening.recalling' },
      on: {
        signUp: { target: 'opening', actions: 'enter' },
        signIn: { target: 'opening', actions: 'enter' },
        open: { target: 'opening', actions: 'enter' },
        close: 'closed',
      },
    },
    opening: {
      description: 'The node is getting ready.',
      entry: ['forgetProblem', 'forgetTries'],
      initial: 'derivingKeys',
      on: {
        cancelRequest: { actions: 'forgetRequest' },
        // Else nothing is remembered yet, and it is found when the node comes back.
        'database.keyGone': [{ guard: 'isBack', target: '.changingKey' }, {}],
        close: 'closed',
      },
      states: {
        recalling: {
          description: 'The node looks whether its storage keeps a hypha: then it needs no passphrase.',
          invoke: {
            id: 'recall',
            src: 'recall',
            onDone: [
              { guard: 'isFound', target: 'openingDatabase', actions: 'recordRecalled' },
              { target: '#node.signedOut', actions: 'stopRecalling' },
            ],
            onError: { target: '#node.failed', actions: ['stopRecalling', 'recordFailure'] },
          },
        },
        changingKey: {
          description:
            'Another node keeps the key of this one. Everything is given back and opened again, with a new key.',
          entry: 'stopWork',
          invoke: { id: 'release', src: 'release', onDone: 'recalling', onError: 'recalling' },
        },
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
              actions: ['recordOpened', 'startWork'],
            },
            onError: { target: '#node.failed', actions: 'recordFailure' },
          },
        },
        startingTransports: {
          description: 'The roads to other nodes are being opened.',
          on: {
            'transports.ready': 'remembering',
            'transports.failed': { target: '#node.failed', actions: 'recordProblem' },
            // What the storage brought along may already say so.
            'database.authorised': { guard: 'isReader', actions: 'recordWriter' },
          },
        },
        remembering: {
          description: 'What the node needs to be here again, without the passphrase, is stored.',
          invoke: {
            id: 'remember',
            src: 'remember',
            input: ({ context: { entrance = { by: 'hyphalink' }, requestId } }) => ({ entrance, requestId }),
            onDone: [
              { guard: 'isOrigin', target: '#node.origin' },
              { guard: 'isWriter', target: '#node.writer' },
              { guard: 'asksAtOnce', target: '#node.awaitingAuthorisation' },
              { target: '#node.readOnly' },
            ],
            onError: { target: '#node.failed', actions: 'recordFailure' },
          },
          on: { 'database.authorised': { guard: 'isReader', actions: 'recordWriter' } },
        },
      },
    },
    origin: {
      description: 'The person signed up here. This node writes, and its person is asked about others.',
      entry: 'letAnswer',
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
          actions: 'recordRequest',
        },
        'database.authorised': 'writer',
        close: 'closed',
      },
    },
    awaitingAuthorisation: {
      description:
        'The node has asked to be let in and waits for a person’s answer on a device that may write.',
      entry: 'forgetOutcome',
      invoke: {
        id: 'request',
        src: 'request',
        input: ({ context }) => ({ requestId: context.requestId ?? '' }),
        onDone: [
          { guard: 'isAuthorised', target: 'writer', actions: 'recordOutcome' },
          { target: 'readOnly', actions: 'recordOutcome' },
        ],
        onError: { target: 'readOnly', actions: 'recordOutcome' },
      },
      on: {
        'peer.appeared': { actions: 'tellRequest' },
        'answer.acknowledged': { actions: 'tellRequest' },
        'answer.approved': { actions: 'tellRequest' },
        'answer.declined': { actions: 'tellRequest' },
        'database.authorised': { actions: 'tellRequest' },
        cancelRequest: { actions: 'tellRequest' },
        close: 'closed',
      },
    },
    writer: {
      description: 'A person has let this node in: it writes, and its person is asked about others.',
      entry: ['forgetRequest', 'recordWriter', 'letAnswer'],
      on: {
        write: { actions: 'permit' },
        authorise: { actions: 'tellPrompts' },
        decline: { actions: 'tellPrompts' },
        close: 'closed',
      },
    },
    failed: {
      description:
        'The node could not be opened, or something that it can’t do without broke. What is open is released; then it may be tried again.',
      entry: 'stopWork',
      initial: 'releasing',
      states: {
        releasing: {
          description: 'Files, sockets and keys are given back.',
          invoke: { id: 'release', src: 'release', onDone: 'released', onError: 'released' },
          on: { close: '#node.closed' },
        },
        waiting: {
          description:
            'Another process, tab or node has the storage. The node tries again after a moment, a longer one each time, and at once when the app calls.',
          entry: 'countTry',
          on: { recall: 'recalling', close: '#node.closed' },
          after: { lockWait: 'recalling' },
        },
        released: {
          description:
            'Nothing is held any more. What the storage keeps has to be looked at again before anything else; only a damaged record may be replaced.',
          always: { guard: 'isLocked', target: 'waiting' },
          on: {
            recall: 'recalling',
            signIn: { guard: 'isDamaged', target: '#node.opening', actions: 'enter' },
            open: { guard: 'isDamaged', target: '#node.opening', actions: 'enter' },
            close: '#node.closed',
          },
        },
        recalling: {
          description:
            'The node looks again what its storage keeps. Until it knows, it has failed as before, so that screens stand still.',
          invoke: {
            id: 'recall',
            src: 'recall',
            onDone: [
              { guard: 'isFound', target: '#node.opening.openingDatabase', actions: 'recordRecalled' },
              { target: '#node.signedOut', actions: 'forgetProblem' },
            ],
            onError: { target: '#node.failed', reenter: true, actions: 'recordFailure' },
          },
          on: { close: '#node.closed' },
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

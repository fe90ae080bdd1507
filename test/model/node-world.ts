import { type NodeContext, nodeMachine } from '../../src/machines/index.js'
import { HyphaError, type HyphaErrorCode } from '../../src/protocol/errors.js'
import { type AnyEvent, pathsOf, type World } from '../../src/testing/index.js'
import { DOMAIN } from './hypha.js'

export const LOCK_WAIT = 'xstate.after.lockWait.node.failed.waiting'

/** What a device's disk may keep. */
export const KEPT = ['origin', 'writer', 'second', 'asking', 'visitor'] as const
export type Kept = (typeof KEPT)[number]

/** 64 digits that no hypha can have. */
export const NO_LINK = 'f'.repeat(64)
export const LINK = { linkId: '1', transport: 'road', direction: 'incoming', address: 'elsewhere:1' } as const

const done = (actorId: string, output?: unknown): AnyEvent => ({
  type: `xstate.done.actor.${actorId}`,
  actorId,
  output,
})
const failure = (actorId: string, code: HyphaErrorCode = 'OPENING_FAILED'): AnyEvent => ({
  type: `xstate.error.actor.${actorId}`,
  actorId,
  error: new HyphaError(code, 'It broke.'),
})
const problem = { code: 'ADDRESS_UNREACHABLE', message: 'Nobody answers.' }

/**
 * What is said to a node, and what its work comes to. What others ask of its person is walked by the paths of prompts, and that
 * the database has synced nobody has to make happen.
 */
const events: AnyEvent[] = [
  ...KEPT.map((name) =>
    done('recall', { found: true, name, ...(name === 'asking' && { requestId: 'first' }) }),
  ),
  done('recall', { found: false }),
  failure('recall', 'STORAGE_DAMAGED'),
  failure('recall', 'STORAGE_FAILED'),
  failure('recall', 'STORAGE_LOCKED'),
  { type: LOCK_WAIT },
  { type: 'signUp', domain: DOMAIN },
  { type: 'signIn', domain: DOMAIN },
  { type: 'signIn', domain: DOMAIN, requestId: 'first' },
  { type: 'open' },
  done('deriveKeys'),
  failure('deriveKeys'),
  done('openDatabase', { role: 'origin', hasChannel: true }),
  done('openDatabase', { role: 'writer', hasChannel: true }),
  done('openDatabase', { role: 'reader', hasChannel: true }),
  done('openDatabase', { role: 'reader', hasChannel: false }),
  failure('openDatabase'),
  failure('transports'),
  { type: 'transports.ready' },
  { type: 'transports.failed', problem },
  done('remember'),
  failure('remember'),
  { type: 'database.authorised' },
  { type: 'write' },
  { type: 'authorise', id: 'a' },
  { type: 'decline', id: 'b' },
  { type: 'requestAuthorisation', requestId: 'second' },
  { type: 'cancelRequest' },
  { type: 'peer.appeared' },
  { type: 'answer.acknowledged', by: 'phone' },
  { type: 'answer.approved', by: 'phone' },
  { type: 'answer.declined', by: 'phone' },
  ...['authorised', 'declined', 'cancelled'].map((outcome) => done('request', { outcome })),
  failure('request'),
  { type: 'connection', link: LINK },
  done('peer:1', { linkId: '1', reason: 'closed' }),
  failure('peer:1'),
  { type: 'setTransport', id: 'spare', on: false },
  { type: 'setTransport', id: 'spare', on: true },
  { type: 'problem', problem },
  { type: 'problem.solved' },
  // Looking again is what a call does first that finds the node failed.
  { type: 'recall', call: 'open' },
  { type: 'recall', call: 'signIn' },
  done('release'),
  failure('release'),
  { type: 'close' },
]

interface Around {
  /** What the disk keeps. */
  readonly kept: Kept | 'nothing' | 'fresh'
  /** The device that lets this one in has come. */
  readonly isNear: boolean
  /** A link is left that nobody works on: giving it back may fail. */
  readonly isLeft: boolean
  /** A call that waits for the storage to have been looked at. */
  readonly call: string
  /** What follows from what was before, and before anything else. */
  readonly forced: string
  readonly last: string
}

/** What can only fail as it begins. */
const FAILS_AFTER: Readonly<Record<string, readonly string[]>> = {
  'xstate.error.actor.transports': ['xstate.done.actor.openDatabase'],
  'xstate.error.actor.request': ['requestAuthorisation', 'xstate.done.actor.remember'],
  'xstate.error.actor.peer:1': ['connection'],
}

const roleKept = {
  origin: 'origin',
  writer: 'writer',
  second: 'reader',
  asking: 'reader',
  visitor: 'reader',
} as const

const opensAs = (
  { kept }: Around,
  { entrance }: NodeContext,
  output: { role: string; hasChannel: boolean },
) => {
  switch (entrance?.by) {
    case 'signUp':
      return output.role === 'origin'
    case 'signIn':
      return output.hasChannel && output.role !== 'origin'
    case 'hyphalink':
      return !output.hasChannel
    default:
      if (kept === 'nothing' || kept === 'fresh') return false
      return output.role === roleKept[kept] && output.hasChannel === (kept !== 'visitor')
  }
}

const namesOf = (event: AnyEvent): string =>
  event.type === 'xstate.done.actor.request'
    ? `${event.type} ${(event.output as { outcome: string }).outcome}`
    : event.type === 'signIn'
      ? `signIn ${event.domain} ${event.requestId ?? ''}`.trim()
      : event.type

const world: World<Around> = {
  start: { kept: 'nothing', isNear: false, isLeft: false, call: '', forced: '', last: '' },
  allows: (around, event, { value, context }) => {
    const { type } = event
    if (around.forced) return namesOf(event) === around.forced
    const only = FAILS_AFTER[type]
    if (only)
      return only.includes(around.last) && (type !== 'xstate.error.actor.peer:1' || context.peers['1'])
    const isThere = context.role !== undefined
    const isGuest = context.role === 'reader' && context.hasChannel && around.kept !== 'fresh'
    switch (type) {
      case 'xstate.done.actor.openDatabase':
        return opensAs(around, context, event.output as never)
      // A passphrase is looked at before the node moves; whether 64 digits are a link shows here.
      case 'xstate.error.actor.deriveKeys':
        return context.entrance.by === 'hyphalink'
      case 'xstate.error.actor.remember':
        return context.entrance.by !== 'storage'
      case 'xstate.error.actor.release':
        return around.isLeft
      case 'xstate.done.actor.request':
      case 'problem.solved':
        return false
      case 'signIn':
      case 'open':
        return value === 'signedOut'
      case 'database.authorised':
        return isGuest && !around.isNear
      case 'authorise':
      case 'decline':
        return around.kept !== 'fresh'
      case 'connection':
        return isThere && !context.peers['1']
      case 'problem':
        return isThere
      default:
        return true
    }
  },
  after: (around, event, { value, context }) => {
    const { type } = event
    const next = { ...around, forced: '', last: type }
    switch (type) {
      case 'recall':
        return { ...next, call: String(event.call), isNear: false, isLeft: false }
      case LOCK_WAIT:
        return { ...next, isNear: false, isLeft: false }
      case 'xstate.done.actor.recall': {
        const { found, name } = event.output as { found: boolean; name?: Kept }
        if (found && name) return { ...next, kept: name, call: '' }
        return { ...next, kept: 'nothing', call: '', forced: calledAs(around.call) }
      }
      case 'xstate.error.actor.recall':
        // Only what is damaged may be replaced.
        return { ...next, call: context.problem?.code === 'STORAGE_DAMAGED' ? around.call : '' }
      case 'signUp':
        return { ...next, kept: 'fresh' }
      case 'xstate.done.actor.openDatabase': {
        const { role, hasChannel } = event.output as { role: string; hasChannel: boolean }
        const { by } = context.entrance
        const kept =
          by === 'signIn' ? (role === 'writer' ? 'writer' : 'second') : hasChannel ? around.kept : 'visitor'
        return { ...next, kept }
      }
      case 'xstate.error.actor.peer:1':
        return { ...next, isLeft: true }
      case 'transports.ready':
        // What is there already is not stored again.
        return context.entrance.by === 'storage' ? { ...next, forced: 'xstate.done.actor.remember' } : next
      case 'database.authorised':
        return {
          ...next,
          isNear: true,
          forced: value === 'awaitingAuthorisation' ? 'xstate.done.actor.request authorised' : '',
        }
      case 'answer.declined':
        return { ...next, forced: 'xstate.done.actor.request declined' }
      case 'cancelRequest':
        return {
          ...next,
          forced: value === 'awaitingAuthorisation' ? 'xstate.done.actor.request cancelled' : '',
        }
      case 'problem':
        return { ...next, forced: 'problem.solved' }
      case 'xstate.done.actor.release':
      case 'xstate.error.actor.release': {
        const isFailed = typeof value === 'object' && 'failed' in value
        return { ...next, isLeft: false, call: '', forced: isFailed ? calledAs(around.call) : '' }
      }
      default:
        return next
    }
  },
}

const calledAs = (call: string): string => (call === 'signIn' ? `signIn ${DOMAIN}` : call)

export const nodePaths = pathsOf<Around>(nodeMachine, {
  input: {
    name: 'Subject',
    transports: ['road', 'memory', 'spare'].map((id) => ({ id, name: id, on: true })),
    recalls: true,
  },
  events,
  remember: ({ role, hasChannel, requestId, peers, problem: why, entrance }: NodeContext) => [
    role,
    hasChannel,
    requestId !== undefined,
    Object.keys(peers),
    why?.code === 'STORAGE_DAMAGED',
    why?.code === 'STORAGE_LOCKED',
    entrance,
  ],
  world,
  as: 'tours',
  longest: 30,
})

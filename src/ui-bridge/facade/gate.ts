import { waitFor } from 'xstate'
import type { Channel } from '../../actors/channel.js'
import { toError } from '../../actors/problems.js'
import type { NodeServices, Session } from '../../actors/services.js'
import type { NodeEvent } from '../../machines/node.js'
import { HyphaError } from '../../protocol/errors.js'
import type { NodeActor, Picture } from '../picture.js'

export const closed = () => new HyphaError('CLOSED', 'This node has been closed. Create another one.')
const notOpen = () => new HyphaError('NOT_OPEN', 'No hypha is open. Sign up, sign in or open one first.')
const stillOpening = () =>
  new HyphaError('NOT_OPEN', 'This node is still being opened. Await opened() before you send messages.')

export const notAWriter = () =>
  new HyphaError(
    'NOT_A_WRITER',
    'This node may not write. Ask with requestAuthorisation() and approve it on a node that may.',
  )

/** Apps call from listeners, in the middle of a transition, when an event is only queued: what it did shows after that. */
export const afterTransition = () => Promise.resolve()

/** What has to be so before a call may go on. */
export interface Gate {
  can(event: NodeEvent): boolean
  /** Why the node is in `failed`, or not open although it was asked to be. */
  failure(): HyphaError
  /** Whether a call has something to wait for: the node is on its way, or failed and may be tried again. */
  mustComeBack(): boolean
  /** Resolves when the node has arrived where it can get by itself; one that failed is tried again, once. */
  comeBack(): Promise<void>
  /** @throws HyphaError CLOSED, NOT_OPEN, and why the node failed */
  mustBeOpen(): Session
  /** The session, once the node is there. Not a promise while it is open: calls are many. @throws HyphaError as {@link mustBeOpen} */
  whenOpen(): Session | Promise<Session>
  /** @throws HyphaError as {@link mustBeOpen}, and NO_CHANNEL */
  mustHaveChannel(): Channel
  /** @throws HyphaError NOT_A_WRITER */
  mustBeWriter(): void
}

export const createGate = (services: NodeServices, actor: NodeActor, picture: Picture): Gate => {
  type Snapshot = ReturnType<NodeActor['getSnapshot']>
  const can = (event: NodeEvent) => actor.getSnapshot().can(event)

  const failure = (): HyphaError => {
    if (services.failure instanceof HyphaError) return services.failure
    const { problem } = actor.getSnapshot().context
    return problem
      ? toError(problem)
      : new HyphaError('OPENING_FAILED', 'The node could not be opened. Try again.')
  }

  const isOnItsWay = (snapshot = actor.getSnapshot()) =>
    snapshot.matches('opening') ||
    snapshot.matches({ failed: 'recalling' }) ||
    snapshot.matches({ failed: 'releasing' })
  const settled = () => waitFor(actor, (snapshot) => !isOnItsWay(snapshot))

  const comeBack = async () => {
    const isFirstTry = actor.getSnapshot().matches('opening')
    await settled()
    if (isFirstTry) return
    // A try that was under way may have found what has changed since.
    if (can({ type: 'recall' })) {
      actor.send({ type: 'recall' })
      await afterTransition()
    }
    await settled()
  }

  const mustBeOpen = (): Session => {
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (state === 'failed') throw failure()
    if (state === 'opening') throw stillOpening()
    if (!services.session || state === 'signedOut') throw notOpen()
    return services.session
  }

  /** Asked for each read and each put, and the same for as long as the machine rests. */
  let asked: Snapshot | undefined
  let mayWrite = false
  let isOpen = false
  const ask = () => {
    const snapshot = actor.getSnapshot()
    if (snapshot === asked) return
    asked = snapshot
    mayWrite = snapshot.can({ type: 'write' })
    isOpen = ['origin', 'writer', 'readOnly', 'awaitingAuthorisation'].includes(picture.state())
  }

  const mustComeBack = () => {
    ask()
    return !isOpen && (isOnItsWay() || can({ type: 'recall' }))
  }

  return {
    can,
    failure,
    mustComeBack,
    comeBack,
    mustBeOpen,
    whenOpen() {
      return mustComeBack() ? comeBack().then(mustBeOpen) : mustBeOpen()
    },
    mustHaveChannel() {
      const { channel } = mustBeOpen()
      if (channel) return channel
      throw new HyphaError(
        'NO_CHANNEL',
        'A reader by hyphalink has no channel. Sign in with the passphrase to have one.',
      )
    },
    mustBeWriter() {
      ask()
      if (!mayWrite) throw notAWriter()
    },
  }
}

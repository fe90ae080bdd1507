import type { Channel } from '../../actors/channel.js'
import type { NodeServices, Session } from '../../actors/services.js'
import type { NodeEvent } from '../../machines/node.js'
import type { Problem } from '../../machines/problem.js'
import { HyphaError, type HyphaErrorCode } from '../../protocol/errors.js'
import type { NodeActor, Picture } from '../picture.js'

export const closed = () => new HyphaError('CLOSED', 'This node has been closed. Create another one.')
const notOpen = () => new HyphaError('NOT_OPEN', 'No hypha is open. Sign up, sign in or open one first.')

export const notAWriter = () =>
  new HyphaError(
    'NOT_A_WRITER',
    'This node may not write. Ask with requestAuthorisation() and approve it on a node that may.',
  )

export const toError = ({ code, message }: Problem): HyphaError =>
  new HyphaError(code as HyphaErrorCode, message)

/** Apps call from listeners, in the middle of a transition, when an event is only queued: what it did shows after that. */
export const afterTransition = () => Promise.resolve()

/** What has to be so before a call may go on. */
export interface Gate {
  can(event: NodeEvent): boolean
  /** Why the node is in `failed`, or not open although it was asked to be. */
  failure(): HyphaError
  /** @throws HyphaError CLOSED, NOT_OPEN, and why the node failed */
  mustBeOpen(): Session
  /** @throws HyphaError as {@link mustBeOpen}, and NO_CHANNEL */
  mustHaveChannel(): Channel
  /** @throws HyphaError NOT_A_WRITER */
  mustBeWriter(): void
}

export const createGate = (services: NodeServices, actor: NodeActor, picture: Picture): Gate => {
  const can = (event: NodeEvent) => actor.getSnapshot().can(event)

  const failure = (): HyphaError => {
    if (services.failure instanceof HyphaError) return services.failure
    const { problem } = actor.getSnapshot().context
    return problem
      ? toError(problem)
      : new HyphaError('OPENING_FAILED', 'The node could not be opened. Try again.')
  }

  const mustBeOpen = (): Session => {
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (state === 'failed') throw failure()
    if (!services.session || state === 'opening') throw notOpen()
    return services.session
  }

  let asked: ReturnType<NodeActor['getSnapshot']> | undefined
  let mayWrite = false

  return {
    can,
    failure,
    mustBeOpen,
    mustHaveChannel() {
      const { channel } = mustBeOpen()
      if (channel) return channel
      throw new HyphaError(
        'NO_CHANNEL',
        'A reader by hyphalink has no channel. Sign in with the passphrase to have one.',
      )
    },
    mustBeWriter() {
      // Asked for each put, and the same for as long as the machine rests.
      const snapshot = actor.getSnapshot()
      if (snapshot !== asked) mayWrite = snapshot.can({ type: 'write' })
      asked = snapshot
      if (!mayWrite) throw notAWriter()
    },
  }
}

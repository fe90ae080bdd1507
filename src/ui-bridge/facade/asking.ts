import { waitFor } from 'xstate'
import type { Answer, HyphaNode } from '../../api.js'
import { toHex } from '../../protocol/bytes.js'
import type { NodeActor } from '../picture.js'
import { afterTransition, type Gate } from './gate.js'

/** The platform's random bytes, at once: libsodium may not be there yet. */
export const newRequestId = () => toHex(crypto.getRandomValues(new Uint8Array(16)))

type Asking = Pick<HyphaNode, 'requestAuthorisation' | 'cancelRequest'>

/**
 * This node's own request: asking to be let in, and taking that back.
 * @param takenBack counts how often, for who is about to ask
 */
export const createAsking = (actor: NodeActor, gate: Gate, takenBack: { times: number }): Asking => {
  const isTakenBack = ({ children } = actor.getSnapshot()) =>
    children.request?.getSnapshot().matches('cancelling') === true

  return {
    async requestAuthorisation(): Promise<Answer> {
      if (gate.mustComeBack()) await gate.comeBack()
      // What is being taken back can't be joined: it is asked anew.
      if (isTakenBack()) await waitFor(actor, (snapshot) => !isTakenBack(snapshot))
      if (gate.can({ type: 'write' })) return { outcome: 'authorised' }
      gate.mustHaveChannel()
      // At once, so that it can be taken back at once. Under way already, it is joined.
      actor.send({ type: 'requestAuthorisation', requestId: newRequestId() })
      await afterTransition()
      const settled = await waitFor(actor, (snapshot) => !snapshot.matches('awaitingAuthorisation'))
      if (settled.matches('writer')) return { outcome: 'authorised' }
      const { lastOutcome = 'cancelled', lastReason } = settled.context
      if (settled.matches('closed')) return { outcome: 'cancelled', reason: 'The node was closed.' }
      return { outcome: lastOutcome, ...(lastReason === undefined ? {} : { reason: lastReason }) }
    },

    cancelRequest() {
      takenBack.times++
      const cancel = () => {
        if (actor.getSnapshot().status === 'active') actor.send({ type: 'cancelRequest' })
      }
      cancel()
      // The question may be one that the storage keeps, and is asked again as soon as the node is back.
      if (gate.mustComeBack()) gate.comeBack().then(cancel, () => {})
    },
  }
}

import { waitFor } from 'xstate'
import type { ConfirmPassphrase } from '../../actors/confirm-passphrase.js'
import type { NodeServices } from '../../actors/services.js'
import type { HyphaNode } from '../../api.js'
import type { NodeEvent } from '../../machines/node.js'
import { toHex } from '../../protocol/bytes.js'
import { normaliseDomain } from '../../protocol/domain.js'
import { HyphaError } from '../../protocol/errors.js'
import { parseHyphalink } from '../../protocol/hyphalink.js'
import type { NodeActor, Picture } from '../picture.js'
import { newRequestId } from './asking.js'
import { afterTransition, closed, type Gate } from './gate.js'

type Entering = Pick<HyphaNode, 'signUp' | 'signIn' | 'open'>

/** How a node comes to its hypha: by what its storage keeps, or by a call. */
export const createEntering = (
  services: NodeServices,
  actor: NodeActor,
  picture: Picture,
  gate: Gate,
  confirmPassphrase: ConfirmPassphrase,
): Entering => {
  const { vault } = services
  const { can, failure } = gate

  /** What the storage keeps comes first: until that is open, or known to be nothing, no call enters otherwise. */
  const isComingBack = (snapshot = actor.getSnapshot()) =>
    snapshot.matches({ opening: 'recalling' }) ||
    snapshot.matches({ failed: 'releasing' }) ||
    (snapshot.matches('opening') && snapshot.context.entrance?.by === 'storage')
  const comeBack = async () => {
    await waitFor(actor, (snapshot) => !isComingBack(snapshot))
    if (!can({ type: 'recall' })) return
    // It failed before: whatever the storage keeps may have been left alone, and must not be replaced.
    services.failure = undefined
    actor.send({ type: 'recall' })
    await afterTransition()
    await waitFor(actor, (snapshot) => !isComingBack(snapshot))
  }
  const mustComeBack = () => isComingBack() || can({ type: 'recall' })
  const cameBack = () => services.session && actor.getSnapshot().context.entrance?.by === 'storage'

  const enter = async (
    event: Extract<NodeEvent, { type: 'signUp' | 'signIn' | 'open' }>,
    prepare: () => void,
  ) => {
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (!can(event)) {
      if (state === 'failed') throw failure()
      throw new HyphaError(
        'ALREADY_OPEN',
        'This node has a hypha already. Create another node for another hypha.',
      )
    }
    services.failure = undefined
    prepare()
    actor.send(event)
    await afterTransition()
    const settled = await waitFor(
      actor,
      (snapshot) => !snapshot.matches('opening') && !snapshot.matches({ failed: 'releasing' }),
    )
    if (settled.matches('closed')) throw closed()
    if (!settled.matches('signedOut') && !settled.matches('failed')) return
    delete vault.passphrase
    throw failure()
  }

  return {
    async signUp(how) {
      const normal = normaliseDomain(how?.domain)
      if (mustComeBack()) await comeBack()
      await enter({ type: 'signUp', domain: normal }, () => {})
      const passphrase = vault.passphrase ?? ''
      delete vault.passphrase
      delete vault.unfinished
      return { passphrase, hyphalink: picture.hyphalink() ?? '' }
    },

    async signIn(how) {
      const normal = normaliseDomain(how?.domain)
      const { passphrase, request = true } = how
      const requestId = request ? { requestId: newRequestId() } : {}
      if (mustComeBack()) await comeBack()
      if (cameBack()) {
        await confirmPassphrase({ domain: normal, passphrase })
        if (request) actor.send({ type: 'requestAuthorisation', requestId: newRequestId() })
        return
      }
      await enter({ type: 'signIn', domain: normal, ...requestId }, () => {
        vault.passphrase = passphrase
      })
    },

    async open(how) {
      const bytes = parseHyphalink(how?.hyphalink)
      if (mustComeBack()) await comeBack()
      if (cameBack() && picture.hyphalink() === toHex(bytes)) return
      await enter({ type: 'open' }, () => {
        vault.hyphalink = bytes
      })
    },
  }
}

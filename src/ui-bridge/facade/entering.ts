import { waitFor } from 'xstate'
import type { CheckPassphrase, ConfirmPassphrase } from '../../actors/confirm-passphrase.js'
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
import { checkCall } from './given.js'

type Entering = Pick<HyphaNode, 'opened' | 'signUp' | 'signIn' | 'open'>

/** How a node comes to its hypha: by what its storage keeps, or by a call. */
export const createEntering = (
  services: NodeServices,
  actor: NodeActor,
  picture: Picture,
  gate: Gate,
  passphrases: { check: CheckPassphrase; confirm: ConfirmPassphrase },
  takenBack: { readonly times: number },
): Entering => {
  const { vault } = services
  const { can, failure } = gate

  /** What the storage keeps comes first: until that is open, or known to be nothing, no call enters otherwise. */
  const isEntering = () =>
    picture.state() === 'opening' &&
    !actor.getSnapshot().matches({ opening: 'recalling' }) &&
    actor.getSnapshot().context.entrance?.by !== 'storage'
  const mustComeBack = () => !isEntering() && gate.mustComeBack()
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

  const opened: HyphaNode['opened'] = async () => {
    if (gate.mustComeBack()) await gate.comeBack()
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (state === 'failed') throw failure()
    // Somebody signs up or in, from the moment that nothing was found.
    return state === 'opening' ? opened() : state
  }

  return {
    opened,

    async signUp(how) {
      checkCall('signUp', how ?? {})
      const normal = normaliseDomain(how?.domain)
      if (mustComeBack()) await gate.comeBack()
      await enter({ type: 'signUp', domain: normal }, () => {})
      const passphrase = vault.passphrase ?? ''
      delete vault.passphrase
      delete vault.unfinished
      return { passphrase, hyphalink: picture.hyphalink() ?? '' }
    },

    async signIn(how) {
      checkCall('signIn', how ?? {})
      const normal = normaliseDomain(how?.domain)
      const { request = true } = how
      const { times } = takenBack
      const asks = () => request && takenBack.times === times
      // A typing error is no reason to leave the screen on which it is mended.
      const passphrase = await passphrases.check({ domain: normal, passphrase: how.passphrase })
      if (mustComeBack()) await gate.comeBack()
      if (cameBack()) {
        await passphrases.confirm({ domain: normal, passphrase })
        if (asks()) actor.send({ type: 'requestAuthorisation', requestId: newRequestId() })
        return
      }
      const requestId = asks() ? { requestId: newRequestId() } : {}
      await enter({ type: 'signIn', domain: normal, ...requestId }, () => {
        vault.passphrase = passphrase
      })
    },

    async open(how) {
      checkCall('open', how ?? {})
      const bytes = parseHyphalink(how?.hyphalink)
      if (mustComeBack()) await gate.comeBack()
      if (cameBack() && picture.hyphalink() === toHex(bytes)) return
      await enter({ type: 'open' }, () => {
        vault.hyphalink = bytes
      })
    },
  }
}

import { fromPromise } from 'xstate'
import type { RequestInput } from '../machines/request.js'
import { HyphaError } from '../protocol/errors.js'
import type { Channel } from './channel.js'
import type { NodeServices } from './services.js'

/** What the request's machine asks for, all over the node's channel. */
export const createRequestActors = (services: NodeServices) => {
  const through = (say: (channel: Channel, requestId: string) => void) =>
    fromPromise<void, RequestInput>(async ({ input }) => {
      const channel = services.session?.channel
      if (!channel)
        throw new HyphaError(
          'NO_CHANNEL',
          'This node has no channel to ask over. Sign in with the passphrase.',
        )
      say(channel, input.requestId)
    })
  return {
    sendRequest: through((channel, requestId) => channel.sendRequest(requestId)),
    repeatRequest: through((channel) => channel.repeatRequest()),
    sendCancel: through((channel, requestId) => channel.sendCancel(requestId)),
  }
}

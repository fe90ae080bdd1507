import type { Sending } from '../../actors/outbox.js'
import type { HyphaNode, Sent } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import type { Gate } from './gate.js'

/** The promise is made when it is asked for: most messages need none. */
const shown = ({ peers, sent }: Sending): Sent =>
  Object.defineProperty({ peers } as { peers: number; sent: Promise<void> }, 'sent', { get: sent })

/** Messages to the person's nodes that are there now. */
export const createMessages = ({ mustHaveChannel }: Gate): Pick<HyphaNode, 'broadcast' | 'send'> => ({
  broadcast: (message) => shown(mustHaveChannel().sendMessage(message)),
  send(writerKey, message) {
    // Left out, the message would go to all.
    if (typeof writerKey !== 'string')
      throw new HyphaError(
        'WRITER_KEY_INVALID',
        'send() takes the writer key of a node. Take one from nodes().',
      )
    return shown(mustHaveChannel().sendMessage(message, writerKey))
  },
})

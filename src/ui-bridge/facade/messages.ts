import type { HyphaNode } from '../../api.js'
import type { Gate } from './gate.js'

/** Messages to the person's nodes that are there now. */
export const createMessages = ({ mustHaveChannel }: Gate): Pick<HyphaNode, 'broadcast' | 'send'> => ({
  broadcast: (message) => ({ peers: mustHaveChannel().sendMessage(message) }),
  send: (writerKey, message) => ({ peers: mustHaveChannel().sendMessage(message, writerKey) }),
})

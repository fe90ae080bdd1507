import { type Checks, checkOptions, isString } from '../../protocol/given.js'
import { createClaimCodeOnce } from './claim-code-once.js'
import { createTransport } from './create-transport.js'
import { linkTarget } from './link-target.js'
import { isLoopbackHost } from './loopback.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, Transport } from './transport.js'
import { openWebSocket } from './web-socket.js'
import { webSocketStream } from './web-socket-stream.js'
import { parseWebSocketUrl, shownUrl } from './web-socket-url.js'

export interface WebSocketOptions {
  /** The code that an always-on node printed, to claim a place there. */
  readonly claimCode?: string
}

/**
 * Connects to an always-on node by its URL: http, https, ws and wss alike, with no path needed.
 * @throws HyphaError ADDRESS_INVALID, OPTION_INVALID
 */
export const webSocket = (url: string | URL, options: WebSocketOptions = {}): Transport => {
  const target = parseWebSocketUrl(url)
  checkOptions('webSocket()', options, { claimCode: isString } satisfies Checks<WebSocketOptions>)
  const { claimCode } = options
  return createTransport('webSocket', async (_discoveryKey, host) => {
    const address = shownUrl(target)
    const local = isLoopbackHost(target.hostname)
    const confidential = local || target.protocol === 'wss:'
    const code = createClaimCodeOnce(claimCode)

    const dial = async (signal: AbortSignal): Promise<Connection> => {
      const { socket, opened } = openWebSocket(target.href)
      const stream = webSocketStream(socket)
      stream.on('error', () => {})
      const giveUp = () => stream.destroy()
      signal.addEventListener('abort', giveUp)
      try {
        await opened
      } catch (error) {
        stream.destroy()
        await streamClosed(stream)
        throw error
      } finally {
        signal.removeEventListener('abort', giveUp)
      }
      return {
        stream,
        transport: 'webSocket',
        direction: 'outgoing',
        address,
        confidential,
        local,
        ...code(),
      }
    }

    const dialling = host.dial(linkTarget({ address, isLocal: local, dial }, host))
    return () => dialling.stop()
  })
}

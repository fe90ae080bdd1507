import { HyphaError } from '../../protocol/errors.js'
import { createTransport } from './create-transport.js'
import { linkTarget } from './link-target.js'
import { isLoopbackHost } from './loopback.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, Transport } from './transport.js'
import { openWebSocket } from './web-socket.js'
import { webSocketStream } from './web-socket-stream.js'

export interface WebSocketOptions {
  /** The one-time code that an always-on node printed, to claim a place there. */
  readonly claimCode?: string
}

const SCHEMES = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
])

/** @throws HyphaError ADDRESS_INVALID */
const parseWebSocketUrl = (given: string | URL): URL => {
  const text = String(given)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url && SCHEMES.get(url.protocol)
  // What can't be parsed may hold a password anywhere, so the message doesn't repeat it.
  if (!url || !scheme || !url.hostname)
    throw new HyphaError(
      'ADDRESS_INVALID',
      'That is not the URL of an always-on node. Write it as https://example.org, or http://localhost:4000.',
    )
  if (url.username || url.password)
    throw new HyphaError(
      'ADDRESS_INVALID',
      "An always-on node's URL takes no user name or password. Leave them out.",
    )
  // Through text: a URL doesn't let its scheme be changed from http to ws.
  const socketUrl = new URL(url.href.replace(url.protocol, scheme))
  socketUrl.hash = ''
  return socketUrl
}

/** Connects to an always-on node by its URL: http, https, ws and wss alike, with no path needed. */
export const webSocket = (url: string | URL, { claimCode }: WebSocketOptions = {}): Transport =>
  createTransport('webSocket', async (_discoveryKey, host) => {
    const target = parseWebSocketUrl(url)
    // Without its query: there may be a token in it.
    const address = target.origin === 'null' ? `${target.protocol}//${target.host}` : target.origin
    const local = isLoopbackHost(target.hostname)
    const confidential = local || target.protocol === 'wss:'

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
      const code = claimCode === undefined ? {} : { claimCode }
      return { stream, transport: 'webSocket', direction: 'outgoing', address, confidential, local, ...code }
    }

    const dialling = host.dial(linkTarget({ address, isLocal: local, dial }, host))
    return () => dialling.stop()
  })

import type { InspectorHub, InspectorHubOptions } from '../ui-bridge/inspector/hub.js'
import { answer } from './answer.js'
import { createHttpServer } from './http-server.js'
import { checkInspectorHost, createInspectorRoom, isInspectorPath } from './inspector.js'
import { NOT_FOUND_PAGE } from './status-page.js'

export interface InspectorServerOptions {
  /** 0 is any free one. */
  readonly port: number
  /** 127.0.0.1 unless given; of this machine alone. */
  readonly host?: string
  /** The folder of the inspector's page. The built one of this package unless given. */
  readonly page?: string
  /** Other limits, for tests. */
  readonly hub?: InspectorHubOptions
  onError?(error: Error): void
}

export interface InspectorServer {
  /** `http://127.0.0.1:4281/inspect#token=...` */
  readonly url: string
  readonly hub: InspectorHub
  /** Resolves when no handle is left. */
  close(): Promise<void>
}

/**
 * An inspector without an always-on node: its page, and a hub behind it.
 * @throws HyphaError LISTEN_FAILED, OPTION_INVALID
 */
export const createInspectorServer = async (options: InspectorServerOptions): Promise<InspectorServer> => {
  const { port, host = '127.0.0.1', page, onError = () => {} } = options
  checkInspectorHost(host)
  const room = createInspectorRoom(page, options.hub)
  const http = await createHttpServer({
    port,
    host,
    doors: [room.door],
    // There are no peers here.
    maxConnections: 0,
    onConnection: ({ stream }) => stream.destroy(),
    onError,
    routes: (request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '/'
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (isRead && isInspectorPath(path)) return room.serve(path, request, response)
      answer(request, response, { status: 404, type: 'text/html; charset=utf-8', body: NOT_FOUND_PAGE })
    },
  }).catch((error: unknown) => {
    room.close()
    throw error
  })
  let closing: Promise<void> | undefined
  return {
    url: room.urlAt(http.url),
    hub: room.hub,
    close: () => {
      closing ??= (async () => {
        room.close()
        await http.close()
      })()
      return closing
    },
  }
}

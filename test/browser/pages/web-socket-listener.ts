import { announce } from '../../../src/adapters/transport/announce.js'
import { createTransport } from '../../../src/adapters/transport/create-transport.js'
import { streamClosed } from '../../../src/adapters/transport/stream-closed.js'
import type { Transport } from '../../../src/adapters/transport/transport.js'
import { openWebSocket } from '../../../src/adapters/transport/web-socket.js'
import { webSocketStream } from '../../../src/adapters/transport/web-socket-stream.js'

/** What a page has instead of a listening socket: test/browser/web-socket-road.ts tells it of each that has dialled. */
export interface WebSocketListener extends Transport {
  /** Stops what comes from the diallers on its way; gives what lets it go on. */
  hold(): Promise<() => Promise<void>>
}

const heard = (socket: WebSocket, kind: 'open' | 'close'): Promise<unknown> =>
  new Promise((resolve) => socket.addEventListener(kind, resolve, { once: true }))

/** @param url where one listens at the road, ws://... */
export const webSocketListener = (url: string): WebSocketListener => {
  let control: WebSocket | undefined
  const say = (word: 'hold' | 'release'): Promise<void> =>
    new Promise((resolve) => {
      const listen = ({ data }: MessageEvent<string>) => {
        if (data !== word) return
        control?.removeEventListener('message', listen)
        resolve()
      }
      control?.addEventListener('message', listen)
      control?.send(word)
    })

  const transport = createTransport('webSocket', async (_discoveryKey, host) => {
    const streams = new Set<ReturnType<typeof webSocketStream>>()
    const answer = async (id: string): Promise<void> => {
      const { socket, opened } = openWebSocket(`${url}/${id}`)
      const stream = webSocketStream(socket)
      stream.on('error', () => {})
      streams.add(stream)
      void streamClosed(stream).then(() => streams.delete(stream))
      try {
        await opened
      } catch {
        // It dialled, and went again.
        return void stream.destroy()
      }
      const connection = { stream, transport: 'webSocket', direction: 'incoming', address: url } as const
      announce({ ...connection, confidential: true, local: true }, host)
    }
    const socket = new WebSocket(`${url}/listen`)
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (/^\d+$/.test(data)) void answer(data)
    })
    await heard(socket, 'open')
    control = socket
    return async () => {
      const closed = heard(socket, 'close')
      socket.close()
      const ended = [...streams].map((stream) => {
        stream.destroy()
        return streamClosed(stream)
      })
      await Promise.all([closed, ...ended])
    }
  })

  return {
    ...transport,
    hold: async () => {
      await say('hold')
      return () => say('release')
    },
  }
}

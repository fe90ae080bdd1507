import { toHex } from '../../protocol/bytes.js'
import {
  CONNECT_TIMEOUT_MS,
  MAX_SIGNALLING_MESSAGE_BYTES,
  SIGNALLING_HEARTBEAT_MS,
} from '../../protocol/limits.js'
import {
  decodeFromSignalling,
  encodeSignalling,
  type FromSignalling,
  type ToSignalling,
} from '../../protocol/signalling.js'
import { isLoopbackHost } from '../transport/loopback.js'
import { openWebSocket } from '../transport/web-socket.js'
import { parseWebSocketUrl, shownUrl } from '../transport/web-socket-url.js'
import type { Presence, Room, RoomHandlers, Signalling } from './signalling.js'

const REFUSALS = {
  full: 'it has no room for more nodes now',
  taken: 'the id is taken',
} as const

const signallingUrl = (given: string | URL): URL => {
  const url = parseWebSocketUrl(given)
  if (!/\/signalling\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, '')}/signalling`
  return url
}

/**
 * The signalling service of an always-on node, by that node's URL.
 * @throws HyphaError ADDRESS_INVALID
 */
export const webSocketSignalling = (given: string | URL): Signalling => {
  const url = signallingUrl(given)

  const join = (room: Room, heard: RoomHandlers, signal: AbortSignal): Promise<Presence> =>
    new Promise((resolve, reject) => {
      const { socket, opened } = openWebSocket(url.href)
      let reason = new Error('it closed before it had answered')
      let isJoined = false
      let isClosed = false
      let timer: ReturnType<typeof setTimeout> | undefined
      let onClosed = () => {}
      const closed = new Promise<void>((done) => {
        onClosed = done
      })

      const end = (why?: Error) => {
        if (why) reason = why
        if (!isClosed) socket.terminate()
      }
      const aborted = () => end(new Error('it was given up'))
      /** Silence for this long, and whoever is there is gone. */
      const expect = (milliseconds: number) => {
        clearTimeout(timer)
        timer = setTimeout(() => end(new Error('it did not answer in time')), milliseconds)
      }
      const say = (message: ToSignalling) => {
        const bytes = encodeSignalling(message)
        if (!isClosed && bytes.length <= MAX_SIGNALLING_MESSAGE_BYTES) socket.send(bytes, () => {})
      }

      const take = (message: FromSignalling) => {
        switch (message.type) {
          case 'joined': {
            if (isJoined) return
            isJoined = true
            expect(2 * SIGNALLING_HEARTBEAT_MS)
            signal.removeEventListener('abort', aborted)
            const { nonce } = message
            const proof = nonce && room.prove?.(nonce)
            if (proof) say({ type: 'prove', ...proof })
            const send = (to: string, sealed: Uint8Array) => say({ type: 'send', to, sealed })
            return resolve({ members: message.members, send, closed, close: () => end() })
          }
          case 'refused':
            return end(new Error(REFUSALS[message.reason]))
          case 'came':
          case 'went':
            // After whoever joined has been told that it has.
            if (isJoined) queueMicrotask(() => heard[message.type](message.id))
            return
          case 'message':
            if (isJoined) queueMicrotask(() => heard.message(message.from, message.sealed))
        }
      }

      socket.listen({
        message: (bytes) => {
          if (isClosed) return
          // Who says all kinds of things but the answer would never be given up.
          if (isJoined) expect(2 * SIGNALLING_HEARTBEAT_MS)
          const message = decodeFromSignalling(bytes)
          if (message) take(message)
          else end(new Error('it says what no signalling service says'))
        },
        text: () => end(new Error('it says what no signalling service says')),
        error: (error) => {
          reason = error
          end()
        },
        close: () => {
          if (isClosed) return
          isClosed = true
          clearTimeout(timer)
          signal.removeEventListener('abort', aborted)
          onClosed()
          reject(reason)
        },
      })
      expect(CONNECT_TIMEOUT_MS)
      signal.addEventListener('abort', aborted)
      if (signal.aborted) aborted()
      opened.then(
        () => say({ type: 'join', room: toHex(room.discoveryKey), id: room.id }),
        (error) => end(error),
      )
    })

  return { address: shownUrl(url), isLocal: isLoopbackHost(url.hostname), join }
}

import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { HyphaError } from '../../protocol/errors.js'
import { readLines, writeLine } from './lines.js'
import type { Operations } from './operations.js'
import {
  type Greeting,
  type Incoming,
  MAX_CALLS,
  MAX_CLIENTS,
  MAX_UNREAD_BYTES,
  parseIncoming,
  SESSION_VERSION,
} from './protocol.js'
import { prepareSocketFolder, type SocketPlace } from './socket-path.js'

export interface SessionServer {
  /** Ends every call and client, and takes the socket away. */
  close(): Promise<void>
}

const toProblem = (error: unknown): { code: string; message: string } =>
  error instanceof HyphaError
    ? { code: error.code, message: error.message }
    : { code: 'STORAGE_FAILED', message: 'Something went wrong inside of the node.' }

/** One client. What it says that makes no sense ends the connection: no client of ours says it. */
const serve = (socket: Socket, operations: Operations, greeting: Greeting): void => {
  const calls = new Map<number, AbortController>()
  writeLine(socket, { hypha: SESSION_VERSION, ...greeting })

  const send = (message: object): void => {
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy()
    else writeLine(socket, message)
  }
  const taken = (): Promise<void> =>
    new Promise((resolve) => {
      if (socket.destroyed || !socket.writableNeedDrain) return resolve()
      const done = () => {
        socket.off('drain', done).off('close', done)
        resolve()
      }
      socket.on('drain', done).on('close', done)
    })

  const start = async ({ id, method, params }: Extract<Incoming, { type: 'call' }>): Promise<void> => {
    const controller = new AbortController()
    calls.set(id, controller)
    try {
      if (!Object.hasOwn(operations, method)) {
        throw new HyphaError('OPTION_INVALID', 'This session is of another version of hypha. Start it again.')
      }
      const operation: (typeof operations)[keyof Operations] = operations[method as keyof Operations]
      const result = await operation(params, {
        signal: controller.signal,
        emit: (item) => {
          if (!controller.signal.aborted) send({ id, item })
          return taken()
        },
      })
      send({ id, result })
    } catch (error) {
      send({ id, error: toProblem(error) })
    } finally {
      controller.abort()
      calls.delete(id)
    }
  }

  readLines(
    socket,
    (line) => {
      const message = parseIncoming(line)
      if (message?.type === 'cancel') calls.get(message.id)?.abort()
      else if (message && !calls.has(message.id) && calls.size < MAX_CALLS) void start(message)
      else socket.destroy()
    },
    () => socket.destroy(),
  )
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const call of calls.values()) call.abort()
  })
}

/**
 * Lets other commands of this person use the node that runs here. Whoever calls holds the storage's lock, so a socket that
 * is there already is what a killed session left.
 * @throws HyphaError LISTEN_FAILED, STORAGE_FAILED
 */
export const serveSession = async (
  place: SocketPlace,
  operations: Operations,
  greeting: Greeting,
): Promise<SessionServer> => {
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    if (clients.size >= MAX_CLIENTS) {
      socket.destroy()
      return
    }
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    serve(socket, operations, greeting)
  })
  await prepareSocketFolder(place)
  if (place.folder !== undefined) await rm(place.path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Other commands can't reach this node: ${place.path} can't be listened on.`
      reject(new HyphaError('LISTEN_FAILED', message, { cause }))
    })
    server.listen(place.path, resolve)
  })
  server.on('error', () => {})
  if (place.folder !== undefined) await chmod(place.path, 0o600)

  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of clients) socket.destroy()
      }),
  }
}

import { connect, type Socket } from 'node:net'
import { HyphaError } from '../../protocol/errors.js'
import { readLines, writeLine } from './lines.js'
import { type Desk, GREETING_MS, type Greeting, parseAnswer, parseGreeting } from './protocol.js'
import { isPrivate, type SocketPlace } from './socket-path.js'

const lost = () => new HyphaError('CLOSED', 'The session ended. Try again: the node is opened anew.')

interface Call {
  onItem(item: unknown): void
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Undefined when nobody listens: no session, or one that was killed. */
const dial = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTSOCK')
        resolve(undefined)
      else
        reject(
          new HyphaError('STORAGE_FAILED', `The session at ${path} can't be reached. Check who may.`, {
            cause,
          }),
        )
    })
  })

const createDesk = (socket: Socket, greeting: Greeting, calls: Map<number, Call>): Desk => {
  let count = 0
  return {
    session: greeting,
    async call(method, params, { onItem = () => {}, signal } = {}) {
      if (socket.destroyed) throw lost()
      const id = ++count
      /** Items are dealt with in order, and before the call is over. */
      let dealt: Promise<unknown> = Promise.resolve()
      const answered = new Promise<unknown>((resolve, reject) => {
        const deal = async (item: unknown) => {
          socket.pause()
          try {
            await onItem(item as never)
          } finally {
            socket.resume()
          }
        }
        calls.set(id, {
          onItem: (item) => {
            dealt = dealt.then(() => deal(item))
            dealt.catch(reject)
          },
          resolve,
          reject,
        })
      })
      const cancel = () => writeLine(socket, { id, cancel: true })
      writeLine(socket, { id, method, params })
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      try {
        const result = await answered
        await dealt
        // The session is another process of the same person and version.
        return result as never
      } finally {
        signal?.removeEventListener('abort', cancel)
        calls.delete(id)
      }
    },
    close: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve()
        socket.once('close', () => resolve())
        socket.destroy()
      }),
  }
}

/**
 * The node that another command runs on this data, or undefined when none does.
 * @throws HyphaError STORAGE_FAILED for a session of another version, or one that can't be reached
 */
export const findSession = async (place: SocketPlace): Promise<Desk | undefined> => {
  if (place.folder !== undefined && !(await isPrivate(place.folder))) return undefined
  const socket = await dial(place.path)
  if (!socket) return undefined
  const calls = new Map<number, Call>()
  return new Promise((resolve, reject) => {
    let desk: Desk | undefined
    const fail = (message: string) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new HyphaError('STORAGE_FAILED', message))
    }
    const timer = setTimeout(() => fail('The session on this data does not answer. End it.'), GREETING_MS)
    const greet = (line: Uint8Array) => {
      const greeting = parseGreeting(line)
      if (greeting === 'version') return fail('The session on this data is of another version. End it first.')
      if (!greeting) return fail('What listens for commands on this data is no session of hypha. End it.')
      clearTimeout(timer)
      desk = createDesk(socket, greeting, calls)
      resolve(desk)
    }
    readLines(
      socket,
      (line) => {
        if (!desk) return greet(line)
        const answer = parseAnswer(line)
        const call = answer && calls.get(answer.id)
        if (!answer) socket.destroy()
        else if (answer.type === 'item') call?.onItem(answer.item)
        else if (answer.type === 'error') call?.reject(answer.error)
        else call?.resolve(answer.result)
      },
      () => socket.destroy(),
    )
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      // It ended before it greeted: it is on its way out.
      if (!desk) resolve(undefined)
      for (const call of calls.values()) call.reject(lost())
    })
  })
}

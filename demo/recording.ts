import { writeFile } from 'node:fs/promises'
import { WebSocket } from 'ws'
import { createSession } from '../src/ui-bridge/inspector/index.js'
import { hubSocketUrl, parseHubMessage, tokenInFragment } from '../src/ui-bridge/inspector/wire.js'
import { createCollection } from './collection.js'

/** Where an inspector is, as processes of the demo are told. */
export interface InspectorPlace {
  readonly url: string
  readonly token: string
}

/** The inspector's URL taken apart: nothing but its owner is to see the token. */
export const placeOf = (inspectorUrl: string): InspectorPlace => {
  const { origin, hash } = new URL(inspectorUrl)
  return { url: origin, token: tokenInFragment(hash) ?? '' }
}

export interface SessionRecorder {
  /** Resolves when so many nodes' recordings are here, and all but the always-on node's have come to their end. */
  complete(nodes: number): Promise<void>
  /** Writes what has arrived, as a file that the inspector opens. */
  save(file: string): Promise<void>
  close(): void
}

/** Looks on as the inspector's page does, and keeps all of it. */
export const recordSession = ({ url, token }: InspectorPlace): SessionRecorder => {
  const collection = createCollection()
  const looks = new Set<() => void>()
  const socket = new WebSocket(hubSocketUrl(url) ?? '', { perMessageDeflate: false })
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', role: 'viewer', token })))
  // What an error means is said by the close that follows.
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const message = parseHubMessage(data)
    if (message) collection.take(message)
    for (const look of looks) look()
  })
  return {
    complete: (nodes) =>
      new Promise((resolve, reject) => {
        socket.once('close', () => reject(new Error('The inspector ended before everything was recorded.')))
        const look = () => {
          const all = [...collection.nodes.values()]
          const isOver = all.every(({ recording, isGone }) => isGone || recording.node.kind === 'always-on')
          if (all.length < nodes || !isOver) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
        look()
      }),
    save: (file) => writeFile(file, `${JSON.stringify(createSession(collection.recordings()))}\n`),
    close: () => socket.terminate(),
  }
}

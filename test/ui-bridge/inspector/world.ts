/** Inspector servers, who publishes to them and who looks on, over real sockets. */
import { once } from 'node:events'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { type Collection, createCollection } from '../../../demo/collection.js'
import {
  createInspectorServer,
  type InspectorServer,
  type InspectorServerOptions,
} from '../../../src/always-on/inspector-server.js'
import type { InspectorEvent, Recording } from '../../../src/ui-bridge/inspector/events.js'
import type { Source } from '../../../src/ui-bridge/inspector/feed.js'
import {
  type HubMessage,
  hubSocketUrl,
  parseHubMessage,
  tokenInFragment,
} from '../../../src/ui-bridge/inspector/wire.js'

const endings: (() => unknown)[] = []
/** Runs when the test has ended, the last first. */
export const atEnd = (end: () => unknown): void => void endings.push(end)
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export const tokenOf = (url: string): string => {
  const token = tokenInFragment(new URL(url).hash)
  if (token === undefined) throw new Error('There is no token in this URL.')
  return token
}

export const socketUrlOf = (url: string): string => hubSocketUrl(url) ?? ''

export const serve = async (options: Partial<InspectorServerOptions> = {}): Promise<InspectorServer> => {
  const server = await createInspectorServer({ port: 0, ...options })
  atEnd(() => server.close())
  return server
}

export const eventOf = (rootId: string, id: number, more: Partial<InspectorEvent> = {}): InspectorEvent =>
  ({
    type: '@xstate.event',
    rootId,
    sessionId: `${rootId}:0`,
    id: String(id),
    createdAt: String(1_700_000_000_000 + id),
    _version: '1',
    event: { type: 'happens', number: id },
    sourceId: undefined,
    ...more,
  }) as InspectorEvent

export const birthOf = (rootId: string, id: number, sessionId = `${rootId}:0`): InspectorEvent =>
  eventOf(rootId, id, {
    type: '@xstate.actor',
    sessionId,
    name: 'node',
    source: 'node',
    definition: undefined,
    parentId: undefined,
    snapshot: { status: 'active' },
  })

export const snapshotOf = (
  rootId: string,
  id: number,
  value: string,
  sessionId = `${rootId}:0`,
): InspectorEvent =>
  eventOf(rootId, id, {
    type: '@xstate.snapshot',
    sessionId,
    event: { type: 'happens' },
    snapshot: { status: 'active', value },
    transitions: [],
  })

export interface Puppet extends Source {
  readonly rootId: string
  /** It happens at once, and subscribers hear of it a moment later. */
  happen(times?: number, more?: Partial<InspectorEvent>): void
  /** How many listen. */
  readonly listeners: number
}

/** An inspection that does what a test says. */
export const createPuppet = (rootId: string, { name = rootId, capacity = 10_000 } = {}): Puppet => {
  const node = { rootId, name, kind: 'node' as const }
  const listeners = new Set<(events: readonly InspectorEvent[]) => void>()
  const before = [birthOf(rootId, 0)]
  let events: InspectorEvent[] = []
  let dropped = 0
  let count = 0
  let batch: InspectorEvent[] = []
  const tell = () => {
    const told = batch
    batch = []
    for (const listener of [...listeners]) listener(told)
  }
  return {
    rootId,
    node,
    recording: (): Recording => ({ node, before, events, dropped }),
    subscribe: (listener) => {
      const own: typeof listener = (told) => listener(told)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    happen: (times = 1, more = {}) => {
      if (batch.length === 0) setImmediate(tell)
      const fresh = Array.from({ length: times }, () => eventOf(rootId, ++count, more))
      batch.push(...fresh)
      events = [...events, ...fresh]
      dropped += Math.max(0, events.length - capacity)
      events = events.slice(-capacity)
    },
    get listeners() {
      return listeners.size
    },
  }
}

export interface Viewer {
  readonly socket: WebSocket
  readonly collection: Collection
  readonly messages: readonly HubMessage[]
  /** Resolves when it has come true of what has arrived. */
  sees(isTrue: (viewer: Viewer) => boolean): Promise<void>
  idsOf(rootId: string): number[]
}

/** A socket that has said hello, or whatever else. */
export const connect = async (
  url: string,
  first?: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<WebSocket> => {
  const socket = new WebSocket(socketUrlOf(url), { headers, perMessageDeflate: false })
  socket.on('error', () => {})
  atEnd(() => socket.terminate())
  await once(socket, 'open')
  if (first !== undefined) socket.send(first)
  return socket
}

export const closeCode = async (socket: WebSocket): Promise<number> => {
  const [code] = await once(socket, 'close')
  return code
}

export const helloOf = (url: string, role: 'viewer' | 'publisher', publisher = 'p'.repeat(22)): string =>
  JSON.stringify({ type: 'hello', role, token: tokenOf(url), ...(role === 'publisher' ? { publisher } : {}) })

export const view = async (url: string): Promise<Viewer> => {
  const collection = createCollection()
  const messages: HubMessage[] = []
  const looks = new Set<() => void>()
  const socket = new WebSocket(socketUrlOf(url), { perMessageDeflate: false })
  atEnd(() => socket.terminate())
  socket.on('message', (data: Buffer) => {
    const message = parseHubMessage(data)
    if (!message || !collection.take(message)) throw new Error('This is nothing that a hub may send.')
    messages.push(message)
    for (const look of [...looks]) look()
  })
  await once(socket, 'open')
  socket.send(helloOf(url, 'viewer'))
  const viewer: Viewer = {
    socket,
    collection,
    messages,
    sees: (isTrue) =>
      new Promise((resolve, reject) => {
        const end = (finish: () => void) => {
          looks.delete(look)
          socket.off('close', ended)
          finish()
        }
        const look = () => {
          if (isTrue(viewer)) end(resolve)
        }
        const ended = (code: number) => end(() => reject(new Error(`It was closed with ${code}.`)))
        looks.add(look)
        socket.once('close', ended)
        look()
      }),
    idsOf: (rootId) => (collection.nodes.get(rootId)?.recording.events ?? []).map(({ id }) => Number(id)),
  }
  return viewer
}

export const oneTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** The process of one of the person's nodes. It makes one node at a time; closing that one makes room for another. */
import { createNode, type HyphaNode, tcp, webSocket } from '../src/index.js'
import { inspect, publish } from '../src/ui-bridge/inspector/index.js'
import type { Road } from './messages.js'
import type { InspectorPlace } from './recording.js'
import { serve, tell } from './serve.js'

let current: HyphaNode | undefined
let endShowing: () => Promise<void> = async () => {}

const node = (): HyphaNode => {
  if (current) return current
  throw new Error('There is no node in this process yet.')
}

const transport = (road: Road) => (road.by === 'tcp' ? tcp({ connect: [road.address] }) : webSocket(road.url))

const tellAll = (watched: HyphaNode): void => {
  let state = watched.state
  let asked: string | undefined
  watched.subscribe(() => {
    if (watched.state !== state) {
      state = watched.state
      tell({ type: 'state', state, at: String(process.hrtime.bigint()) })
    }
    const request = watched.request()
    if (request && request.id !== asked) {
      asked = request.id
      tell({ type: 'asked', words: request.words })
    }
  })
  watched.on('peer-connected', ({ transport: road, address }) =>
    tell({ type: 'connected', transport: road, address }),
  )
  watched.on('authorisation-requested', ({ id, nodeName, words }) =>
    tell({ type: 'prompt', id, nodeName, words }),
  )
  watched.on('authorised', () => {
    const known = watched.nodes()
    const author = known.find(({ isSelf }) => isSelf)?.authorisedBy
    tell({ type: 'authorised', by: known.find(({ writerKey }) => writerKey === author)?.name ?? '' })
  })
  watched.watch('', ({ key, value }) => tell({ type: 'entry', key, value }))
  watched.on('error', ({ message }) => tell({ type: 'error', message }))
}

const show = (shown: HyphaNode, { url, token }: InspectorPlace): void => {
  const inspection = inspect(shown)
  const stop = publish(inspection, { url, token, onError: ({ message }) => tell({ type: 'error', message }) })
  endShowing = async () => {
    await stop()
    inspection.detach()
  }
}

serve({
  create: async ({ name, road, inspector }) => {
    current = createNode({ name, transports: [transport(road)] })
    if (inspector) show(current, inspector)
    tellAll(current)
    return undefined
  },
  signUp: ({ domain }) => node().signUp({ domain }),
  signIn: async ({ domain, passphrase }) => {
    await node().signIn({ domain, passphrase })
    return undefined
  },
  authorise: async ({ id }) => {
    const calledAt = String(process.hrtime.bigint())
    await node().authorise(id)
    return { calledAt }
  },
  put: async ({ key, value }) => {
    await node().put(key, value)
    return undefined
  },
  list: async () => {
    const entries = []
    for await (const { key, value } of node().entries()) entries.push({ key, value })
    return entries
  },
  close: async () => {
    await current?.close()
    // Its end is shown too.
    await endShowing()
    current = undefined
    return undefined
  },
})

/** Many whole nodes in one process, statecharts and all. */
import { createNode, type HyphaNode, type JsonValue, webSocket } from '../../src/index.js'
import { serve, sharedNow } from './child.js'

interface Commands {
  /** Signs in so many more, one after the other; resolves when each of them is connected. */
  join: { url: string; domain: string; passphrase: string; count: number }
  /** Milliseconds from being sent until it was heard, of each message at each node; forgets them. */
  heard: object
}

const nodes: HyphaNode[] = []
let times: number[] = []

const sentAt = (message: JsonValue): number =>
  typeof message === 'object' && message !== null && 'at' in message ? Number(message.at) : Number.NaN

const isConnected = (node: HyphaNode) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (node.getSnapshot().peers.length === 0) return
      stop()
      resolve()
    }
    const stop = node.subscribe(look)
    look()
  })

serve<Commands>({
  join: async ({ url, domain, passphrase, count }) => {
    for (let i = 0; i < count; i++) {
      const node = createNode({ name: `node ${nodes.length}`, transports: [webSocket(url)] })
      nodes.push(node)
      node.on('message', ({ message }) => times.push(sharedNow() - sentAt(message)))
      await node.signIn({ domain, passphrase, request: false })
      await isConnected(node)
    }
  },
  heard: () => {
    const heard = times
    times = []
    const connected = nodes.filter((node) => node.getSnapshot().peers.length > 0).length
    return { heard, connected, rssMB: process.memoryUsage().rss / 2 ** 20 }
  },
})

/** One node of a person, which sends messages or hears them. */
import { createNode, type HyphaNode, webSocket } from '../../src/index.js'
import { serve, sharedNow } from '../roads/child.js'

export interface Heard {
  readonly count: number
  readonly lastAt: number
}

interface Commands {
  /** Signs up. */
  begin: { url: string; domain: string }
  /** Signs in, and waits to be let in. */
  join: { url: string; domain: string; passphrase: string }
  /** Sends so many, as fast as they are taken. Answers when it began. */
  send: { count: number; text: string }
  heard: object
  forget: object
}

const heard = { count: 0, lastAt: 0 }
let node: HyphaNode
const open = (name: string, url: string) => {
  node = createNode({ name, transports: [webSocket(url)] })
  node.on('error', (error) => void process.stderr.write(`${name}: ${error.message}\n`))
  node.on('authorisation-requested', ({ id }) => void node.authorise(id))
  node.on('message', () => {
    heard.lastAt = sharedNow()
    heard.count++
  })
}

/** How many messages are given to `broadcast` before one is waited for. */
const AT_ONCE = 1_000

serve<Commands>({
  begin: async ({ url, domain }) => {
    open('laptop', url)
    return node.signUp({ domain })
  },
  join: async ({ url, domain, passphrase }) => {
    open('phone', url)
    const authorised = new Promise((resolve) => node.on('authorised', resolve))
    await node.signIn({ domain, passphrase })
    await authorised
  },
  send: async ({ count, text }) => {
    const at = sharedNow()
    for (let i = 0; i < count; i++) {
      const sending = node.broadcast({ i, text })
      if (i % AT_ONCE === 0) await sending.sent
    }
    return { at }
  },
  heard: (): Heard => heard,
  forget: () => {
    heard.count = 0
  },
})

import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, memoryStorage, webSocket } from '../../src/index.js'
import type { InspectorSession } from '../../src/ui-bridge/inspector/events.js'
import { createSession, type Inspection, inspect } from '../../src/ui-bridge/inspector/index.js'

const once = (
  node: HyphaNode,
  name: 'authorised' | 'authorisation-requested' | 'peer-connected',
): Promise<void> =>
  new Promise((resolve) => {
    const stop = node.on(name, () => {
      stop()
      resolve()
    })
  })

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Alice signs up on her laptop, lets her phone in on it, and her tablet on the phone: four real nodes, recorded all along.
 * @param thinking how long she looks at each prompt, in milliseconds
 */
export const recordStory = async ({ thinking = 0 } = {}): Promise<InspectorSession> => {
  const inspections: Inspection[] = []
  const watched = <Subject extends object>(subject: Subject): Subject => {
    inspections.push(inspect(subject))
    return subject
  }
  const server = watched(await createAlwaysOnNode({ port: 0, claim: 1 }))
  const nodes: HyphaNode[] = []
  const device = (name: string): HyphaNode => {
    const node = watched(createNode({ name, storage: memoryStorage(), transports: [webSocket(server.url)] }))
    nodes.push(node)
    return node
  }
  const letIn = async (node: HyphaNode, by: HyphaNode, passphrase: string): Promise<void> => {
    const asked = once(by, 'authorisation-requested')
    const authorised = once(node, 'authorised')
    await node.signIn({ domain: 'alice.example', passphrase })
    await asked
    await pause(thinking)
    const [request] = by.requests()
    if (!request) throw new Error('Nobody asks.')
    await by.authorise(request.id)
    await authorised
  }
  try {
    const laptop = device('Alice’s laptop')
    const connected = once(laptop, 'peer-connected')
    const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
    await connected
    await laptop.put('notes/shopping', 'Milk, bread, and the good coffee')
    const phone = device('Alice’s phone')
    await letIn(phone, laptop, passphrase)
    await phone.put('notes/reading', 'Pages 40 to 72')
    const tablet = device('Alice’s tablet')
    await letIn(tablet, phone, passphrase)
    await tablet.put('notes/tablet', 'Here, too')
    await pause(thinking / 4)
    return createSession(inspections.map((inspection) => inspection.recording()))
  } finally {
    for (const inspection of inspections) inspection.detach()
    for (const node of nodes) await node.close()
    await server.close()
  }
}

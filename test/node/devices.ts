import { afterEach } from 'vitest'
import {
  createMemoryNetwork,
  createNode,
  HyphaError,
  type HyphaNode,
  memoryTransport,
  type NodeOptions,
} from '../../src/index.js'

/** Nodes that are closed after each test. */
export const useDevices = () => {
  const network = createMemoryNetwork()
  const nodes: HyphaNode[] = []
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.close()))
  })
  const open = (options: NodeOptions = {}): HyphaNode => {
    const node = createNode(options)
    nodes.push(node)
    return node
  }
  return {
    open,
    /** One that meets the others. */
    device: (options: NodeOptions = {}) => open({ transports: [memoryTransport(network)], ...options }),
  }
}

/** The code that a call was refused with. */
export const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof HyphaError ? error.code : `not ours: ${error}`),
  )

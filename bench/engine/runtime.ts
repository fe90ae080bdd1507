import {
  createNode,
  fileStorage,
  type HyphaNode,
  memoryStorage,
  type Storage,
  type TcpTransport,
  type Transport,
  tcp,
} from '../../src/index.js'
import { keyOf, type Place, type Subject, sampleOf, stopwatch } from './subject.js'

const DOMAIN = 'bench.example'

const storageAt = async (folder: string | undefined): Promise<Storage> => {
  const storage = folder === undefined ? memoryStorage() : fileStorage(folder)
  await storage.open?.()
  return storage
}

/** A road that opens when it is told to, so that what goes before is not counted. */
const laterRoad = () => {
  let road: TcpTransport | undefined
  let begin: () => Promise<void> = async () => {}
  const transport: Transport = {
    name: 'tcp',
    start: async (discoveryKey, events) => {
      begin = () => road?.start(discoveryKey, events) ?? Promise.resolve()
    },
    stop: async () => road?.stop(),
  }
  return {
    transport,
    open: async (how: TcpTransport): Promise<void> => {
      road = how
      await begin()
    },
    close: (how: TcpTransport): Promise<void> => how.stop(),
  }
}

/**
 * The whole runtime, as an app uses it: entries are private.
 * @param look is shown both nodes before they replicate; what it returns runs when they have
 */
export const openRuntime = async (
  place: Place,
  look?: (...nodes: HyphaNode[]) => () => void,
): Promise<Subject> => {
  const road = laterRoad()
  const node = createNode({ name: 'Writer', storage: await storageAt(place()), transports: [road.transport] })
  const { passphrase } = await node.signUp({ domain: DOMAIN })
  const list = async (from = node): Promise<number> => {
    let listed = 0
    for await (const { value } of from.entries()) if (value !== undefined) listed++
    return listed
  }
  return {
    put: (i) => node.put(keyOf(i), sampleOf(i)),
    batch: (from, to) =>
      node.batch(
        Array.from({ length: to - from }, (_, n) => ({
          type: 'put',
          key: keyOf(from + n),
          value: sampleOf(from + n),
        })),
      ),
    get: (i) => node.get(keyOf(i)),
    list,

    async replicate(entries) {
      const dialling = laterRoad()
      const reader = createNode({
        name: 'Reader',
        storage: await storageAt(place()),
        transports: [dialling.transport],
      })
      await reader.signIn({ domain: DOMAIN, passphrase, request: false })
      let listed = 0
      const complete = new Promise<void>((resolve, reject) => {
        reader.on('error', reject)
        reader.on('synced', () => {
          list(reader).then((count) => {
            listed = count
            if (count === entries) resolve()
          }, reject)
        })
      })
      const stop = look?.(node, reader)
      const listening = tcp({ listen: '127.0.0.1:0' })
      await road.open(listening)
      const taken = stopwatch()
      await dialling.open(tcp({ connect: [listening.listening ?? ''] }))
      await complete
      const took = taken()
      stop?.()
      // For another reader to come.
      await road.close(listening)
      if (listed !== entries) throw new Error(`The runtime listed ${listed} of ${entries} entries`)
      await reader.close()
      return took
    },
    close: () => node.close(),
  }
}

import { expect, it } from 'vitest'
import { createMemoryStreams } from '../../src/adapters/transport/memory-stream.js'
import {
  createNode,
  memoryStorage,
  type Storage,
  type Transport,
  type TransportHost,
} from '../../src/index.js'

/** A storage that counts its files that are open. */
const countingStorage = () => {
  const storage = memoryStorage()
  let open = 0
  const counting: Storage = {
    ...storage,
    file: (name) => {
      const file = storage.file(name)
      let isOpen = false
      const used = () => {
        if (!isOpen) open++
        isOpen = true
      }
      return {
        read: (...given) => {
          used()
          file.read(...given)
        },
        write: (...given) => {
          used()
          file.write(...given)
        },
        del: file.del,
        close: (done) => {
          if (isOpen) open--
          isOpen = false
          file.close(done)
        },
      }
    },
  }
  return { storage: counting, open: () => open }
}

it('closes the database, although a transport of somebody’s own throws where it should have stopped', async () => {
  const { storage, open } = countingStorage()
  const road: Transport = {
    name: 'road',
    start: async () => {},
    stop: () => {
      throw new Error('It broke.')
    },
  }
  const node = createNode({ storage, transports: [road] })
  await node.signUp({ domain: 'ada.example' })
  expect(open()).toBeGreaterThan(0)
  await node.close()
  expect(node.state).toBe('closed')
  expect(open()).toBe(0)
})

it('is left by a link whose stream is none, with nothing of it counted', async () => {
  let host: TransportHost | undefined
  const road: Transport = {
    name: 'road',
    start: async (_, given) => {
      host = given
    },
    stop: async () => {},
  }
  const node = createNode({ transports: [road] })
  await node.signUp({ domain: 'ada.example' })
  const [stream] = createMemoryStreams()
  stream.on = () => {
    throw new Error('It broke.')
  }
  host?.connection({
    stream,
    transport: 'road',
    direction: 'incoming',
    address: 'elsewhere:1',
    confidential: true,
  })
  expect(node.transports()[0]?.links).toBe(0)
  expect(node.actor.getSnapshot().context.peers).toEqual({})
  expect(stream.destroyed).toBe(true)
  await node.close()
})

import { describe, expect, it } from 'vitest'
import { createMemoryNetwork, memoryStorage, memoryTransport } from '../../src/index.js'
import {
  type ContractCase,
  createTransportHost,
  faultyStorage,
  storageContract,
  transportContract,
} from '../../src/testing/index.js'

const named = (cases: readonly ContractCase[], name: RegExp): ContractCase => {
  const found = cases.find((each) => name.test(each.name))
  if (!found) throw new Error(`No case is called ${name}`)
  return found
}

describe('a contract', () => {
  it('has a name for each case, and no two the same', () => {
    const network = createMemoryNetwork()
    const createPair = () => ({
      listener: memoryTransport(network),
      createDialler: () => memoryTransport(network),
    })
    for (const cases of [
      transportContract(createPair),
      storageContract(() => ({ storage: memoryStorage })),
    ]) {
      const names = cases.map(({ name }) => name)
      expect(names.length).toBeGreaterThan(9)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('asks of a storage that forgets only what it can keep', () => {
    const createPlace = () => ({ storage: memoryStorage })
    const asked = storageContract(createPlace, { persists: false })
    expect(asked.length).toBeLessThan(storageContract(createPlace).length)
  })

  it('finds a storage that forgets what it said to be stored', async () => {
    const cases = storageContract(() => ({ storage: memoryStorage }))
    await expect(named(cases, /^what was acknowledged is there/).run()).rejects.toThrow()
  })

  it('finds a storage that loses a write, and leaves nothing behind', async () => {
    let ends = 0
    const cases = storageContract(
      () => {
        const storage = faultyStorage(memoryStorage(), 1, 'once')
        return { storage: () => storage, end: async () => void ends++ }
      },
      { persists: false },
    )
    await expect(named(cases, /^several handles/).run()).rejects.toThrow('ENOSPC')
    expect(ends).toBe(1)
  })

  it('finds a transport that changes a byte on the way', async () => {
    const network = createMemoryNetwork()
    const cases = transportContract(() => ({
      listener: memoryTransport(network),
      createDialler: () => {
        const transport = memoryTransport(network)
        return {
          ...transport,
          start: (key, host) =>
            transport.start(key, {
              ...host,
              connection: (connection) => {
                const { stream } = connection
                const write = stream.write.bind(stream)
                Object.assign(stream, {
                  write: (bytes: Uint8Array) => {
                    const changed = Buffer.from(bytes)
                    changed[0] = (changed[0] ?? 0) ^ 1
                    return write(changed)
                  },
                })
                host.connection(connection)
              },
            }),
        }
      },
    }))
    await expect(named(cases, /^carries one write of 8 MB/).run()).rejects.toThrow('byte 0 is another')
  })

  it('finds a transport that goes on after it was stopped', async () => {
    const network = createMemoryNetwork()
    const left: (() => Promise<void>)[] = []
    const cases = transportContract(() => ({
      listener: memoryTransport(network),
      createDialler: () => {
        const transport = memoryTransport(network)
        left.push(transport.stop)
        return { ...transport, stop: async () => {} }
      },
    }))
    await expect(named(cases, /^ends its connections when it stops/).run()).rejects.toThrow('does not hold')
    for (const stop of left) await stop()
  })
})

describe('a host without a node', () => {
  it('tells of connections, and keeps them connected', async () => {
    const network = createMemoryNetwork()
    const key = new Uint8Array(32)
    const [one, other] = [memoryTransport(network), memoryTransport(network)]
    const quiet = createTransportHost({ connection: () => {} })
    await one.start(key, quiet)
    const { stream } = await new Promise<{ stream: { destroyed: boolean } }>((resolve) => {
      void other.start(key, createTransportHost({ connection: resolve }))
    })
    expect(stream.destroyed).toBe(false)
    await Promise.all([one.stop(), other.stop()])
    expect(stream.destroyed).toBe(true)
  })
})

import { afterEach, expect, test } from 'vitest'
import { createMemoryNetwork, createNode, type HyphaNode, memoryTransport } from '../../src/index.js'
import { next, until } from './until.js'

const nodes: HyphaNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

test('Alice sees which devices have a name that one of hers has already, or that looks like it', async () => {
  const network = createMemoryNetwork()
  const begin = (name: string) => {
    const node = createNode({ name, transports: [memoryTransport(network)] })
    nodes.push(node)
    return node
  }
  const laptop = begin('Laptop')
  const { passphrase } = await laptop.signUp({ domain: 'alice.example' })

  const asks = async (name: string) => {
    const asked = next(laptop, 'authorisation-requested')
    const node = begin(name)
    await node.signIn({ domain: 'alice.example', passphrase })
    return { node, request: await asked }
  }
  const phone = await asks('Phone')
  expect(phone.request.resembles).toBeUndefined()
  // Cyrillic letters, which look the same.
  const other = await asks('L\u0430\u0440top')
  expect(other.request.resembles).toBe(laptop.writerKey)
  expect(laptop.requests().find(({ id }) => id === other.request.id)?.resembles).toBe(laptop.writerKey)

  const authorised = next(other.node, 'authorised')
  await laptop.authorise(other.request.id)
  await authorised
  await until(laptop, () => laptop.nodes().length === 2)
  expect(laptop.nodes().map(({ resembles }) => resembles)).toEqual([other.node.writerKey, laptop.writerKey])
})

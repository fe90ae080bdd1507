/** A person's home on real folders: a laptop that signed up, a phone that was let in, and an always-on node. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  type createMemoryNetwork,
  createNode,
  fileStorage,
  type HyphaNode,
  memoryTransport,
  webSocket,
} from '../../src/index.js'
import { arrived, next, reached, until } from '../node/until.js'

export const DEVICES = ['laptop', 'phone', 'server'] as const
export type Device = (typeof DEVICES)[number]

/** What was written, by key. Public, so that a reader by the hyphalink sees it too. */
export type Written = ReadonlyMap<string, string>

export interface Home {
  readonly directory: string
  readonly hyphalink: string
  readonly written: Written
}

const LAPTOPS = 24
const PHONES = 12

export type MemoryNetwork = ReturnType<typeof createMemoryNetwork>

/** Every key that was written, once it has arrived. */
export const allArrived = async (node: HyphaNode, written: Written): Promise<void> => {
  for (const key of written.keys()) await arrived(node, key)
}

/** Writes on both devices, hands all of it to the always-on node, and closes everything. */
export const makeHome = async (directory: string): Promise<Home> => {
  const server = await createAlwaysOnNode({ port: 0, storage: fileStorage(join(directory, 'server')) })
  const transports = () => [webSocket(server.url)]
  const laptop = createNode({
    name: 'Laptop',
    storage: fileStorage(join(directory, 'laptop')),
    transports: transports(),
  })
  const phone = createNode({
    name: 'Phone',
    storage: fileStorage(join(directory, 'phone')),
    transports: transports(),
  })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: 'ada.example' })
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: 'ada.example', passphrase })
  await laptop.authorise((await asked).id)
  await reached(phone, 'writer')
  const written = new Map<string, string>()
  const put = async (node: HyphaNode, key: string) => {
    const value = `what ${key} says`
    await node.put(key, value, { public: true })
    written.set(key, value)
  }
  for (let i = 0; i < LAPTOPS; i++) await put(laptop, `laptop/${i}`)
  for (let i = 0; i < PHONES; i++) await put(phone, `phone/${i}`)
  await allArrived(laptop, written)
  await allArrived(phone, written)
  await Promise.all([laptop.close(), phone.close()])
  // Of the always-on node alone.
  const reader = createNode({ transports: transports() })
  await reader.open({ hyphalink })
  await allArrived(reader, written)
  await reader.close()
  await server.close()
  return { directory, hyphalink, written }
}

/** A copy of a home, as of its last day. */
export const copyHome = (home: Home, to: string): Home => {
  cpSync(home.directory, to, { recursive: true, filter: (path) => !path.endsWith('/lock') })
  return { ...home, directory: to }
}

export interface Opened {
  readonly node: HyphaNode
  /** Codes of what it told. */
  readonly told: string[]
}

/** Opens a device on its folder; resolves when it is open, or has failed. */
export const openDevice = async (home: Home, device: Device, network: MemoryNetwork): Promise<Opened> => {
  const node = createNode({
    storage: fileStorage(join(home.directory, device)),
    transports: [memoryTransport(network)],
  })
  const told: string[] = []
  node.on('error', ({ code }) => told.push(code))
  await until(node, () => node.state !== 'opening')
  return { node, told }
}

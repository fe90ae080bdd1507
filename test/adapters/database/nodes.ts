/** People and their nodes, for tests of databases: over real sockets, and waiting for events. */
import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import libsodium from 'libsodium-wrappers'
import type {
  Database,
  DatabaseEvents,
  DatabaseWrite,
  HistoryEntry,
  Replication,
  ReplicationOptions,
} from '../../../src/adapters/database/database.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../../src/adapters/storage/storage.js'
import { fromHex, utf8 } from '../../../src/protocol/bytes.js'
import { HyphaError } from '../../../src/protocol/errors.js'

export type OpenDatabase = (options: {
  hyphalink: Uint8Array
  originSecretKey?: Uint8Array
  storage: Storage
  events: DatabaseEvents
}) => Promise<Database>

export interface Hypha {
  readonly hyphalink: Uint8Array
  /** A copy each time: opening wipes it. */
  secret(): Uint8Array
}

export const newHypha = async (): Promise<Hypha> => {
  await libsodium.ready
  const { publicKey, privateKey } = libsodium.crypto_sign_keypair()
  return { hyphalink: publicKey, secret: () => new Uint8Array(privateKey) }
}

export interface TestNode {
  readonly db: Database
  readonly storage: Storage
  readonly entries: HistoryEntry[]
  readonly errors: HyphaError[]
  /** The keys that were delivered, in order, pure authorisations left out. */
  keys(): string[]
  /** Resolves once it holds, looked at whenever something happens to any node. */
  until(holds: () => boolean): Promise<void>
}

const watchers = new Set<() => void>()
export const happened = (): void => {
  for (const look of [...watchers]) look()
}

export const until = (holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (!holds()) return
      watchers.delete(look)
      resolve()
    }
    watchers.add(look)
    look()
  })

export const openNode = async (
  open: OpenDatabase,
  hypha: Hypha,
  options: { isOrigin?: boolean; storage?: Storage } = {},
): Promise<TestNode> => {
  const storage = options.storage ?? memoryStorage()
  const entries: HistoryEntry[] = []
  const errors: HyphaError[] = []
  const db = await open({
    hyphalink: hypha.hyphalink,
    ...(options.isOrigin ? { originSecretKey: hypha.secret() } : {}),
    storage,
    events: {
      entries(batch) {
        entries.push(...batch)
        happened()
      },
      progress: happened,
      error(error) {
        errors.push(error as HyphaError)
        happened()
      },
    },
  })
  const keys = () => entries.filter(({ key }) => key !== '').map(({ key }) => key)
  return { db, storage, entries, errors, keys, until }
}

export const put = (key: string, value = ''): DatabaseWrite => ({ type: 'put', key, value: utf8(value) })

export const recordOf = (target: string, author: string): DatabaseWrite =>
  put(`.hypha/nodes/${target}/${author}`, 'a record')

/** One authorises another and both know it. */
export const authorise = async (author: TestNode, target: TestNode): Promise<void> => {
  const writer = target.db.localWriter
  await author.db.authorise(fromHex(writer, 32)!, recordOf(writer, author.db.localWriter))
  await until(() => target.db.isAuthorised(writer))
}

export interface Link {
  readonly a: Replication
  readonly b: Replication
  readonly sockets: readonly [Socket, Socket]
  readonly ended: Promise<[Error | undefined, Error | undefined]>
  readonly extensionsToA: [string, Uint8Array][]
  readonly extensionsToB: [string, Uint8Array][]
  cut(): Promise<void>
}

/** Two ends of a TCP connection over the loopback. */
export const socketPair = async (): Promise<[Socket, Socket]> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const outgoing = dial((server.address() as AddressInfo).port, '127.0.0.1')
  const [incoming] = (await accepted) as [Socket]
  server.close()
  for (const socket of [outgoing, incoming]) socket.setNoDelay()
  return [outgoing, incoming]
}

/** Pipes a replication and a socket; resolves with what ended it. */
export const pipe = (socket: Socket, replication: Replication): Promise<Error | undefined> => {
  let reason: Error | undefined
  replication.stream.on('error', (error) => {
    reason ??= error
  })
  return new Promise((resolve) => {
    pipeline(socket, replication.stream, socket, () => {
      resolve(reason)
      happened()
    })
  })
}

export const replicateOf = (
  node: TestNode,
  received: [string, Uint8Array][] = [],
  extensions: readonly string[] = ['test-a', 'test-b'],
  more: Partial<ReplicationOptions> = {},
): Replication =>
  node.db.replicate({
    extensions,
    onExtension(name, bytes) {
      received.push([name, new Uint8Array(bytes)])
      happened()
    },
    onHandshake: happened,
    ...more,
  })

export const link = async (one: TestNode, other: TestNode): Promise<Link> => {
  const sockets = await socketPair()
  const extensionsToA: [string, Uint8Array][] = []
  const extensionsToB: [string, Uint8Array][] = []
  const a = replicateOf(one, extensionsToA)
  const b = replicateOf(other, extensionsToB)
  const ended = Promise.all([pipe(sockets[0], a), pipe(sockets[1], b)])
  return {
    a,
    b,
    sockets,
    ended,
    extensionsToA,
    extensionsToB,
    async cut() {
      for (const socket of sockets) socket.destroy()
      await ended
    },
  }
}

export const errorCode = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof HyphaError ? error.code : String(error)),
  )

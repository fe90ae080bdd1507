/** People, their nodes and always-on nodes, over real sockets. */
import { once } from 'node:events'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import type { Database, Replication } from '../../src/adapters/database/database.js'
import { openDatabase } from '../../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { tcp } from '../../src/adapters/transport/tcp-transport.js'
import type { Connection, Transport, TransportHost } from '../../src/adapters/transport/transport.js'
import { messageSocket } from '../../src/adapters/transport/web-socket.js'
import { webSocketStream } from '../../src/adapters/transport/web-socket-stream.js'
import { webSocket } from '../../src/adapters/transport/web-socket-transport.js'
import {
  type AlwaysOnNode,
  type AlwaysOnNodeOptions,
  createAlwaysOnNode,
} from '../../src/always-on/always-on-node.js'
import { concat, toHex, utf8 } from '../../src/protocol/bytes.js'
import { type ClaimProof, claimBytes, claimCertificateBytes, memberBytes } from '../../src/protocol/claim.js'
import { EXTENSIONS, HOST, RELAY } from '../../src/protocol/extensions.js'
import { encodeGreeting, type Greeting, readGreeting } from '../../src/protocol/greeting.js'
import { decodeHostMessage, encodeHostMessage } from '../../src/protocol/host-message.js'
import { discoveryKeyOf } from '../../src/protocol/hyphalink.js'

const crypto = await createCrypto()

const endings: (() => Promise<unknown>)[] = []
/** Runs when the test has ended, the last first. */
export const atEnd = (end: () => Promise<unknown>): void => void endings.push(end)
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export interface Person {
  readonly hyphalink: Uint8Array
  readonly link: string
  readonly discoveryKey: Uint8Array
  secret(): Uint8Array
  claim(nonce: Uint8Array): ClaimProof
  /** That a node is one of hers. */
  prove(nonce: Uint8Array): ClaimProof
}

export const newPerson = (): Person => {
  const origin = crypto.signingKeyPair()
  const claiming = crypto.signingKeyPair()
  const discoveryKey = discoveryKeyOf(origin.publicKey, crypto.hash)
  const proof = (bytes: Uint8Array): ClaimProof => ({
    claimKey: claiming.publicKey,
    certificate: crypto.sign(claimCertificateBytes(claiming.publicKey), origin.secretKey),
    signature: crypto.sign(bytes, claiming.secretKey),
  })
  return {
    hyphalink: origin.publicKey,
    link: toHex(origin.publicKey),
    discoveryKey,
    secret: () => new Uint8Array(origin.secretKey),
    claim: (nonce) => proof(claimBytes(nonce, discoveryKey)),
    prove: (nonce) => proof(memberBytes(nonce, discoveryKey)),
  }
}

export type Started = AlwaysOnNode & { readonly errors: Error[] }

export const start = async (options: Partial<AlwaysOnNodeOptions> = {}): Promise<Started> => {
  const errors: Error[] = []
  const node = await createAlwaysOnNode({
    port: 0,
    tcpPort: 0,
    onError: (error) => errors.push(error),
    ...options,
  })
  atEnd(node.close)
  return Object.assign(node, { errors })
}

/** What tests wait on. */
const watchers = new Set<() => void>()
export const happened = (): void => {
  for (const look of [...watchers]) look()
}
/** Looked at whenever something happens here, and now and then for what happens elsewhere. */
export const until = (holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const timer = setInterval(() => look(), 10)
    const look = () => {
      if (!holds()) return
      clearInterval(timer)
      watchers.delete(look)
      resolve()
    }
    watchers.add(look)
    look()
  })

export type Road = 'webSocket' | 'tcp'

const transportTo = (node: AlwaysOnNode, road: Road): Transport =>
  road === 'tcp' ? tcp({ connect: [`127.0.0.1:${node.tcpPort}`] }) : webSocket(node.url)

/** A host that tries each address once. */
const createOnce = (
  connection: (connection: Connection) => void,
  error: (error: Error) => void,
): TransportHost => ({
  connection,
  error,
  dial: (target) => {
    const controller = new AbortController()
    const { signal } = controller
    const done = target.dial(signal).then((dialled) => {
      signal.addEventListener('abort', () => dialled.close())
      return dialled.closed
    }, error)
    return {
      retry: () => {},
      stop: () => {
        controller.abort()
        return done
      },
    }
  },
})

/** One connection, which is not dialled again. */
export const dial = async (node: AlwaysOnNode, road: Road): Promise<Connection> => {
  const transport = transportTo(node, road)
  const connection = await new Promise<Connection>((resolve, reject) => {
    transport.start(new Uint8Array(32), createOnce(resolve, reject)).catch(reject)
  })
  atEnd(() => transport.stop())
  return connection
}

/** The first bytes of hypercore-protocol for a discovery key. */
export const firstFrame = (discoveryKey: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(0x3d, 0, 0x0a, 32), discoveryKey, Uint8Array.of(0x12, 24), crypto.randomBytes(24))

export interface Talk {
  readonly connection: Connection
  /** What it said so far, in order. */
  readonly heard: Greeting[]
  next(): Promise<Greeting | 'closed'>
  say(...parts: Uint8Array[]): void
}

/** Speaks greetings, as the first half of a node does. */
export const talk = (connection: Connection): Talk => {
  const { stream } = connection
  const heard: Greeting[] = []
  let bytes: Uint8Array = new Uint8Array(0)
  let read = 0
  stream.on('data', (chunk: Uint8Array) => {
    bytes = concat(bytes, chunk)
    for (;;) {
      const greeting = readGreeting(bytes)
      if (typeof greeting !== 'object') break
      heard.push(greeting.message)
      bytes = greeting.rest
    }
    happened()
  })
  stream.on('close', happened)
  return {
    connection,
    heard,
    next: async () => {
      await until(() => heard.length > read || stream.closed)
      return heard[read++] ?? 'closed'
    },
    say: (...parts) => void stream.write(Buffer.from(concat(...parts))),
  }
}

/** Asks for a hypha by its discovery key. */
export const ask = async (node: AlwaysOnNode, discoveryKey: Uint8Array, road: Road = 'webSocket') => {
  const talking = talk(await dial(node, road))
  talking.say(firstFrame(discoveryKey))
  return talking
}

export const claimOf = (person: Person, nonce: Uint8Array, more: { code?: string } = {}): Uint8Array =>
  encodeGreeting({ type: 'claim', hyphalink: person.hyphalink, ...person.claim(nonce), ...more })

/** Claims a place as one of the person's nodes. */
export const claimPlace = async (node: AlwaysOnNode, person: Person, road: Road = 'webSocket', noise = 0) => {
  const talking = await ask(node, person.discoveryKey, road)
  const offer = await talking.next()
  if (offer === 'closed' || offer.type !== 'unclaimed') return offer
  talking.say(crypto.randomBytes(noise), claimOf(person, offer.nonce))
  const answer = await talking.next()
  await streamClosed(talking.connection.stream)
  return answer
}

export interface Client {
  readonly db: Database
  readonly keys: string[]
  /** @param road or a connection that there is @param extensions what it knows of: all that there are unless given */
  connect(node: AlwaysOnNode, road?: Road | Connection, extensions?: readonly string[]): Promise<Way>
}

/** One connection of a client that has shaken hands. */
export interface Way {
  readonly connection: Connection
  readonly replication: Replication
  readonly frames: { name: string; bytes: Uint8Array }[]
  /** What it was last told of others. */
  peers(): number | undefined
  /** All that it was told of them. */
  readonly told: number[]
  /** Whether the always-on node said that it has nothing of the hypha. */
  isEmpty(): boolean | undefined
  /** Everything that the relay said. */
  readonly hints: Readonly<Record<string, number>>[]
  send(bytes: Uint8Array, name?: string): boolean
}

/** A node of a person, without its machines. `isStranger`: it has the hyphalink, and can prove nothing. */
export const openClient = async (
  person: Person,
  options: { isOrigin?: boolean; isStranger?: boolean } = {},
): Promise<Client> => {
  const keys: string[] = []
  const db = await openDatabase({
    hyphalink: person.hyphalink,
    ...(options.isOrigin ? { originSecretKey: person.secret() } : {}),
    storage: memoryStorage(),
    events: {
      entries: (entries) => {
        keys.push(...entries.map(({ key }) => key).filter((key) => key !== ''))
        happened()
      },
      progress: happened,
      error: () => {},
    },
  })
  atEnd(() => db.close())
  return {
    db,
    keys,
    connect: async (node, road = 'webSocket', extensions = [...EXTENSIONS, HOST]) => {
      const connection = typeof road === 'string' ? await dial(node, road) : road
      const frames: { name: string; bytes: Uint8Array }[] = []
      let hasShaken = false
      const told: number[] = []
      const hints: Record<string, number>[] = []
      let isEmpty: boolean | undefined
      const replication = db.replicate({
        extensions,
        onExtension: (name, bytes) => {
          if (name === HOST) {
            const message = decodeHostMessage(bytes)
            if (message?.type !== 'ask') throw new Error('not what an always-on node says')
            isEmpty = message.isEmpty
            const proof = { type: 'proof', ...person.prove(message.nonce) } as const
            if (!options.isStranger) replication.send(HOST, encodeHostMessage(proof))
          } else if (name === RELAY) {
            const hint = JSON.parse(Buffer.from(bytes).toString())
            hints.push(hint)
            if (hint.peers !== undefined) told.push(hint.peers)
          } else frames.push({ name, bytes: new Uint8Array(bytes) })
          happened()
        },
        onHandshake: () => {
          hasShaken = true
          happened()
        },
      })
      const { stream } = connection
      replication.stream.on('error', () => {})
      replication.stream.on('close', () => stream.destroy())
      stream.on('close', () => {
        replication.stream.destroy()
        happened()
      })
      replication.stream.pipe(stream)
      stream.pipe(replication.stream)
      await until(() => hasShaken || stream.closed)
      if (!hasShaken) throw new Error('The always-on node did not shake hands')
      return {
        connection,
        replication,
        frames,
        peers: () => told.at(-1),
        told,
        isEmpty: () => isEmpty,
        hints,
        send: (bytes, name = 'secure-ephemeral') => replication.send(name, bytes),
      }
    },
  }
}

export const put = (key: string, value = 'a value') => ({ type: 'put' as const, key, value: utf8(value) })

/** As a visitor of a proxy of the server's machine: not of that machine, as far as the server knows. */
export const fromElsewhere = async (url: string, address = '203.0.113.7'): Promise<Connection> => {
  const socket = new WebSocket(url.replace('http', 'ws'), {
    headers: { 'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https' },
  })
  const stream = webSocketStream(messageSocket(socket))
  stream.on('error', () => {})
  await once(socket, 'open')
  atEnd(async () => stream.destroy())
  return { stream, transport: 'webSocket', direction: 'outgoing', address: url, confidential: true }
}

/** Claims a place, and has something there, so that it is one. */
export const takePlace = async (node: AlwaysOnNode, person: Person): Promise<Client> => {
  const before = node.status().places.taken
  const answer = await claimPlace(node, person)
  if (answer === 'closed' || answer.type !== 'claimed')
    throw new Error(`not claimed: ${JSON.stringify(answer)}`)
  const laptop = await openClient(person, { isOrigin: true })
  await laptop.connect(node)
  await until(() => node.status().places.taken > before)
  return laptop
}

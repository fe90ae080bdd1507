/** Alice's home under attack: a laptop that listens, an honest television that reads along, and whoever comes in by hand. */
import { connect } from 'node:net'
import { pipeline } from 'node:stream'
import Protocol, { type Channel } from 'hypercore-protocol'
import { expect } from 'vitest'
import type { Crypto, KeyPair } from '../../src/adapters/crypto/crypto.js'
import { createKeyring, type Keyring } from '../../src/adapters/crypto/keyring.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { createNode, type HyphaError, type HyphaNode, type NodeOptions, tcp } from '../../src/index.js'
import { fromHex, toHex, utf8 } from '../../src/protocol/bytes.js'
import { type ControlBody, encodeControl } from '../../src/protocol/control-message.js'
import { EXTENSIONS, SECURE_EPHEMERAL } from '../../src/protocol/extensions.js'
import { passphraseSalt } from '../../src/protocol/keys.js'
import { REQUEST_LIFETIME_MS } from '../../src/protocol/limits.js'
import { arrived, until } from '../node/until.js'
import { varint } from '../wire.js'

export const DOMAIN = 'alice.example'

/** Time that a test can shift; timers stay real. */
export const shiftedClock = () => {
  let shift = 0
  return {
    now: () => Date.now() + shift,
    setTimeout: (run: () => void, delay: number) => setTimeout(run, delay),
    clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
    shift: (by: number) => {
      shift += by
    },
  }
}

/** A peer by hand: speaks hypercore-protocol when it wants to. */
export interface Intruder {
  readonly protocol: Protocol
  readonly channel: Channel
  readonly received: Buffer[]
  /** The victim ended the connection. */
  readonly ended: Promise<void>
  readonly handshake: Promise<void>
  /** Bytes of an extension message. */
  extension(bytes: Uint8Array, name?: string): void
  /** A well-framed, encrypted message of any type. */
  send(type: number, body: readonly number[], channel?: number): void
  raw(bytes: Uint8Array): void
  leave(): Promise<void>
}

export const intrude = async (
  address: string,
  discoveryKey: Uint8Array,
  key: Uint8Array,
  extensions: readonly string[] = EXTENSIONS,
): Promise<Intruder> => {
  const [host, port] = address.split(':')
  const socket = connect({ host: host as string, port: Number(port), noDelay: true })
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(Buffer.from(chunk)))
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  const protocol = new Protocol({
    live: true,
    encrypt: true,
    timeout: 0,
    extensions: [...extensions, 'hypha-seal'].sort(),
  })
  protocol.on('error', () => {})
  const handshake = new Promise<void>((resolve) => protocol.once('handshake', () => resolve()))
  pipeline(socket, protocol, socket, () => {})
  const channel = protocol.feed(Buffer.from(key), { discoveryKey: Buffer.from(discoveryKey) })
  return {
    protocol,
    channel,
    received,
    ended,
    handshake,
    extension: (bytes, name = SECURE_EPHEMERAL) => channel.extension(name, Buffer.from(bytes)),
    send: (type, body, id = 0) => {
      const header = varint(id * 16 + type)
      protocol._push(Buffer.from([...varint(header.length + body.length), ...header, ...body]))
    },
    raw: (bytes) => void socket.write(bytes),
    leave: () => {
      socket.destroy()
      return ended
    },
  }
}

export interface Device {
  readonly keys: KeyPair
  readonly writerKey: string
}

/** What one who holds the channel key can say: as any device it makes up. */
export interface Insider extends Intruder {
  readonly device: Device
  newDevice(): Device
  /** Seals any plaintext, an object as JSON, under a fresh nonce, and sends it. */
  say(plaintext: unknown): void
  /** A control message of that device, right unless `wrong` says otherwise. */
  control(body: Partial<ControlBody>, device?: Device): Uint8Array
}

export interface Home {
  readonly laptop: HyphaNode
  /** Signed in, never asks. */
  readonly television: HyphaNode
  readonly passphrase: string
  readonly hyphalink: string
  readonly address: string
  readonly crypto: Crypto
  readonly keyring: Keyring
  readonly discoveryKey: Uint8Array
  /** What the laptop said went wrong since last asked. */
  errors(): string[]
  /** The laptop writes and the honest peer reads it. */
  stillWorks(): Promise<void>
  /** One who knows the hyphalink; or only the discovery key, with any other key. */
  stranger(key?: Uint8Array, extensions?: readonly string[]): Promise<Intruder>
  insider(): Promise<Insider>
  /** Everything that was sent before has been looked at: a message that comes through says so. */
  heard(insider: Insider): Promise<void>
  close(): Promise<void>
}

let count = 0

export const openHome = async (options: NodeOptions = {}): Promise<Home> => {
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = createNode({ name: 'Alice’s laptop', transports: [road], ...options })
  const errors: HyphaError[] = []
  laptop.on('error', (error) => errors.push(error))
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  const address = road.listening as string
  const television = createNode({
    name: 'Alice’s television',
    transports: [tcp({ connect: [address] })],
    ...(options.clock ? { clock: options.clock } : {}),
  })
  await television.signIn({ domain: DOMAIN, passphrase, request: false })
  const crypto = await createCrypto()
  const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(DOMAIN, crypto.hash))
  const keyring = createKeyring(crypto, master)
  const key = fromHex(hyphalink, 32) as Uint8Array
  const discoveryKey = crypto.hash(utf8('hypercore'), { key })
  const now = options.clock?.now ?? Date.now
  const newId = () => toHex(crypto.randomBytes(16))

  const newDevice = (): Device => {
    const keys = crypto.signingKeyPair()
    return { keys, writerKey: toHex(keys.publicKey) }
  }
  const intruders: Intruder[] = []
  const stranger = async (other = key, extensions?: readonly string[]) => {
    const intruder = await intrude(address, discoveryKey, other, extensions)
    intruders.push(intruder)
    return intruder
  }

  const insider = async (): Promise<Insider> => {
    const intruder = await stranger()
    await intruder.handshake
    const device = newDevice()
    return {
      ...intruder,
      device,
      newDevice,
      say: (plaintext) => {
        const bytes = plaintext instanceof Uint8Array ? plaintext : utf8(JSON.stringify(plaintext))
        intruder.extension(keyring.sealFrame(bytes))
      },
      control: (body, { keys, writerKey } = device) =>
        encodeControl(
          {
            type: 'request',
            name: 'Mallory’s phone',
            db: hyphalink,
            request: newId(),
            message: newId(),
            sender: writerKey,
            target: writerKey,
            issued: now(),
            lifetime: REQUEST_LIFETIME_MS,
            ...body,
          } as ControlBody,
          (bytes) => crypto.sign(bytes, keys.secretKey),
        ),
    }
  }

  return {
    laptop,
    television,
    passphrase,
    hyphalink,
    address,
    crypto,
    keyring,
    discoveryKey,
    errors: () => errors.splice(0).map(({ code }) => code),
    stillWorks: async () => {
      const name = `still works/${++count}`
      await laptop.put(name, count)
      expect(await arrived(television, name)).toBe(count)
    },
    stranger,
    insider,
    heard: async (from) => {
      const id = newId()
      const heard = new Promise<void>((resolve) => {
        const stop = laptop.on('message', ({ message }) => {
          if (message !== id) return
          stop()
          resolve()
        })
      })
      from.say({ v: 2, app: id, id, from: from.device.writerKey, t: now() })
      await heard
    },
    close: async () => {
      await Promise.all(intruders.map((intruder) => intruder.leave()))
      await Promise.all([laptop.close(), television.close()])
    },
  }
}

/** Only the honest peer is there: nothing of an intruder is left in the node. */
export const alone = (node: HyphaNode) =>
  until(node, () => {
    const { children } = node.actor.getSnapshot()
    return (
      node.getSnapshot().peers.length === 1 &&
      Object.keys(children).filter((id) => id.startsWith('peer:')).length === 1
    )
  })

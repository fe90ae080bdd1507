import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { streamClosed } from '../../src/adapters/transport/stream-closed.js'
import { openSwarm } from '../../src/adapters/transport/swarm.js'
import {
  type Connection,
  createNode,
  fileStorage,
  type HyphaNode,
  hyperswarm,
  type Storage,
  type Transport,
  webSocket,
} from '../../src/index.js'
import { encodeGreeting } from '../../src/protocol/greeting.js'
import { discoveryKeyOf, parseHyphalink } from '../../src/protocol/hyphalink.js'
import { openTestnet, type Testnet } from '../adapters/transport/testnet.js'
import { arrived, next, reached } from '../node/until.js'
import { atEnd, firstFrame, newPerson, start, talk, until } from './world.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

const DOMAIN = 'alice.example'
const device = (name: string, transports: Transport[], storage?: Storage): HyphaNode => {
  const node = createNode({ name, transports, ...(storage ? { storage } : {}) })
  atEnd(() => node.close())
  return node
}

describe('two always-on nodes in a swarm', () => {
  it('bring together a writer at one and who signs in at the other, whoever came first', async () => {
    const near = await start({ swarm: net })
    const laptop = device('Alice’s laptop', [webSocket(near.url)])
    const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
    await laptop.put('from', 'the laptop')
    const far = await start({ swarm: net, claim: 0, hyphas: [hyphalink] })
    await until(() => near.status().connections === 2 && far.status().connections === 1)

    const asked = next(laptop, 'authorisation-requested')
    const prompts: string[] = []
    laptop.on('authorisation-requested', ({ nodeName }) => prompts.push(nodeName))
    const phone = device('Alice’s phone', [webSocket(far.url)])
    await phone.signIn({ domain: DOMAIN, passphrase })
    await laptop.authorise((await asked).id)
    await reached(phone, 'writer')
    expect(await arrived(phone, 'from')).toBe('the laptop')
    await phone.put('phone', 'here')
    expect(await arrived(laptop, 'phone')).toBe('here')
    expect(prompts).toEqual(['Alice’s phone'])
    expect([...near.errors, ...far.errors]).toEqual([])
  })

  it('tell who asks at one of a writer that comes to the other later', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hypha-swarm-'))
    atEnd(() => rm(folder, { recursive: true }))
    const near = await start({ swarm: net })
    const first = device('Alice’s laptop', [webSocket(near.url)], fileStorage(folder))
    const { passphrase, hyphalink } = await first.signUp({ domain: DOMAIN })
    const far = await start({ swarm: net, claim: 0, hyphas: [hyphalink] })
    await until(() => near.status().connections === 2 && far.status().connections === 1)
    await first.close()
    await until(() => near.status().connections === 1)

    const phone = device('Alice’s phone', [webSocket(near.url)])
    await phone.signIn({ domain: DOMAIN, passphrase })
    await until(() => near.status().connections === 2)
    const laptop = device('Alice’s laptop', [webSocket(far.url)], fileStorage(folder))
    const { id, nodeName } = await next(laptop, 'authorisation-requested')
    expect(nodeName).toBe('Alice’s phone')
    await laptop.authorise(id)
    await reached(phone, 'writer')
  })

  it('keep a hypha for a native node that is in the swarm itself', async () => {
    const host = await start({ swarm: net })
    const laptop = device('Alice’s laptop', [webSocket(host.url)])
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    await laptop.put('from', 'the laptop')
    const asked = next(laptop, 'authorisation-requested')
    const desk = device('Alice’s desk', [hyperswarm(net)])
    await desk.signIn({ domain: DOMAIN, passphrase })
    await laptop.authorise((await asked).id)
    await reached(desk, 'writer')
    expect(await arrived(desk, 'from')).toBe('the laptop')
    expect(desk.getSnapshot().peers).toMatchObject([{ transport: 'hyperswarm' }])
  })

  it('give no place, and no other hypha, to who comes for one', async () => {
    const [alice, bob] = [newPerson(), newPerson()]
    const host = await start({ swarm: net, claim: 5, hyphas: [alice.link] })
    const swarm = await openSwarm(net, () => {})
    atEnd(swarm.close)
    const connection = await new Promise<Connection>((resolve) => {
      swarm.join(alice.discoveryKey, { connection: resolve, error: () => {} }, { isFound: false })
    })
    const talking = talk(connection)
    talking.say(firstFrame(bob.discoveryKey))
    expect(await talking.next()).toEqual({ type: 'refused', reason: 'not-hosted' })
    expect(host.status().hyphas).toBe(1)
  })

  it('claim no place at a stranger that offers one: it would learn the hyphalink', async () => {
    const laptop = device('Alice’s laptop', [hyperswarm(net)])
    const hyphalink = parseHyphalink((await laptop.signUp({ domain: DOMAIN })).hyphalink)
    const { hash } = await createCrypto()
    const swarm = await openSwarm(net, () => {})
    atEnd(swarm.close)
    const heard: Buffer[] = []
    const stranger = await new Promise<Connection>((resolve) => {
      const connection = (met: Connection) => {
        met.stream.on('data', (bytes: Buffer) => heard.push(bytes))
        met.stream.write(encodeGreeting({ type: 'unclaimed', nonce: new Uint8Array(32), code: false }))
        resolve(met)
      }
      swarm.join(discoveryKeyOf(hyphalink, hash), { connection, error: () => {} }, { looks: false })
    })
    await streamClosed(stranger.stream)
    expect(Buffer.concat(heard).includes(Buffer.from(hyphalink))).toBe(false)
    expect(Buffer.concat(heard).includes('"claim"')).toBe(false)
  })
})

it('an option that makes no sense says so, and leaves nothing open', async () => {
  await expect(start({ swarm: { bootstrap: ['nowhere'] } })).rejects.toMatchObject({
    code: 'ADDRESS_INVALID',
  })
})

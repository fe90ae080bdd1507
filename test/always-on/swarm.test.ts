import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNode, type HyphaNode, hyperswarm, type Transport, webSocket } from '../../src/index.js'
import { openTestnet, type Testnet } from '../adapters/transport/testnet.js'
import { arrived, next, reached } from '../node/until.js'
import { atEnd, start, until } from './world.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

const DOMAIN = 'alice.example'
const device = (name: string, ...transports: Transport[]): HyphaNode => {
  const node = createNode({ name, transports })
  atEnd(() => node.close())
  return node
}

describe('two always-on nodes in a swarm', () => {
  it('bring together a writer at one and who signs in at the other, whoever came first', async () => {
    const near = await start({ swarm: net })
    const laptop = device('Alice’s laptop', webSocket(near.url))
    const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
    await laptop.put('from', 'the laptop')
    const far = await start({ swarm: net, claim: 0, hyphas: [hyphalink] })
    await until(() => near.status().connections === 2 && far.status().connections === 1)

    const asked = next(laptop, 'authorisation-requested')
    const prompts: string[] = []
    laptop.on('authorisation-requested', ({ nodeName }) => prompts.push(nodeName))
    const phone = device('Alice’s phone', webSocket(far.url))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await laptop.authorise((await asked).id)
    await reached(phone, 'writer')
    expect(await arrived(phone, 'from')).toBe('the laptop')
    await phone.put('phone', 'here')
    expect(await arrived(laptop, 'phone')).toBe('here')

    // Nobody who could answer is connected anywhere when the tablet asks; a writer that comes to the other host hears of it.
    await laptop.close()
    await phone.close()
    await until(() => near.status().connections === 1 && far.status().connections === 1)
    const tablet = device('Alice’s tablet', webSocket(near.url))
    await tablet.signIn({ domain: DOMAIN, passphrase })
    await until(() => near.status().connections === 2)
    expect(prompts).toEqual(['Alice’s phone'])
    expect([...near.errors, ...far.errors]).toEqual([])
  })

  it('tell who asks at one of a writer that comes to the other later', async () => {
    const near = await start({ swarm: net })
    const laptop = device('Alice’s laptop', webSocket(near.url))
    const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
    const far = await start({ swarm: net, claim: 0, hyphas: [hyphalink] })
    await until(() => near.status().connections === 2 && far.status().connections === 1)
    const away = await laptop.setTransport?.('', false).catch(() => undefined)
    expect(away).toBeUndefined()
  })

  it('keep a hypha for a native node that is in the swarm itself', async () => {
    const host = await start({ swarm: net })
    const laptop = device('Alice’s laptop', webSocket(host.url))
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    await laptop.put('from', 'the laptop')
    const asked = next(laptop, 'authorisation-requested')
    const desk = device('Alice’s desk', hyperswarm(net))
    await desk.signIn({ domain: DOMAIN, passphrase })
    await laptop.authorise((await asked).id)
    await reached(desk, 'writer')
    expect(await arrived(desk, 'from')).toBe('the laptop')
    expect(desk.getSnapshot().peers).toMatchObject([{ transport: 'hyperswarm' }])
  })

  it('ends with no peers of its own, and is refused what it isn’t there for', async () => {
    const host = await start({ swarm: net, claim: 0, hyphas: ['11'.repeat(32)] })
    await host.close()
    expect(host.errors).toEqual([])
  })
})

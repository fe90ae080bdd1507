import { afterEach, describe, expect, it } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, HyphaError, type HyphaNode, webSocket } from '../../src/index.js'
import { MAX_QUEUED_MESSAGE_BYTES } from '../../src/protocol/message-limits.js'
import { next, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})
const DOMAIN = 'alice.example'

const alwaysOn = async (options: { port?: number; hyphas?: string[] } = {}): Promise<AlwaysOnNode> => {
  const node = await createAlwaysOnNode({ port: 0, ...options })
  ends.push(() => node.close())
  return node
}

/** Alice's devices at one always-on node, the first signed up: what each heard, and was told. */
const devices = async (url: string, names: readonly string[]) => {
  const met: { node: HyphaNode; heard: unknown[]; errors: HyphaError[]; wake: () => void }[] = []
  let passphrase: string | undefined
  for (const name of names) {
    const node = createNode({ name, transports: [webSocket(url)] })
    ends.push(() => node.close())
    const one = { node, heard: [] as unknown[], errors: [] as HyphaError[], wake: () => {} }
    node.on('message', ({ message }) => {
      one.heard.push(message)
      one.wake()
    })
    node.on('error', (error) => {
      one.errors.push(error)
      one.wake()
    })
    if (passphrase === undefined) ({ passphrase } = await node.signUp({ domain: DOMAIN }))
    else await node.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(node, () => node.getSnapshot().peers.length > 0)
    met.push(one)
  }
  return met
}

/** Resolves when it holds; looks whenever that device hears or is told something. */
const whenHeard = (device: { wake: () => void }, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    device.wake = () => {
      if (holds()) resolve()
    }
    device.wake()
  })

describe('many messages at once, through an always-on node', { timeout: 180_000 }, () => {
  it('are all heard, in order, from two who send at the same time; nobody is told of anything', async () => {
    const { url } = await alwaysOn()
    const met = await devices(url, ['laptop', 'phone', 'tablet'])
    const [laptop, phone, tablet] = met as [(typeof met)[0], (typeof met)[0], (typeof met)[0]]
    const count = 12_000
    const last = [laptop, phone].map(({ node }, who) => {
      let sending = node.broadcast([who, -1])
      expect(sending).toEqual({ peers: 1 })
      for (let i = 0; i < count; i++) sending = node.broadcast([who, i])
      return sending
    })
    await Promise.all(last.map(({ sent }) => sent))
    await whenHeard(tablet, () => tablet.heard.length >= 2 * (count + 1))
    await whenHeard(laptop, () => laptop.heard.length >= count + 1)
    await whenHeard(phone, () => phone.heard.length >= count + 1)
    const numbers = Array.from({ length: count + 1 }, (_, i) => i - 1)
    for (const who of [0, 1]) {
      const heard = (tablet.heard as [number, number][]).filter(([sender]) => sender === who)
      expect(heard.map(([, i]) => i)).toEqual(numbers)
    }
    expect(met.flatMap(({ errors }) => errors)).toEqual([])
    expect(met.map(({ node }) => node.getSnapshot().problem)).toEqual([undefined, undefined, undefined])
  })

  it('that are more than may wait are refused with a code, and what was taken is heard', async () => {
    const { url } = await alwaysOn()
    const met = await devices(url, ['laptop', 'phone'])
    const [laptop, phone] = met as [(typeof met)[0], (typeof met)[0]]
    const text = 'x'.repeat(50_000)
    let taken = 0
    const sendAll = () => {
      for (; taken <= MAX_QUEUED_MESSAGE_BYTES / text.length; taken++) laptop.node.broadcast(text)
    }
    expect(sendAll).toThrow(expect.objectContaining({ code: 'MESSAGES_WAITING' }))
    expect(taken * (text.length + 2)).toBeGreaterThan(MAX_QUEUED_MESSAGE_BYTES - 2 * text.length)
    await whenHeard(phone, () => phone.heard.length === taken)
    // There is room again.
    await laptop.node.broadcast('last').sent
    await whenHeard(phone, () => phone.heard.at(-1) === 'last')
    expect(phone.heard.length).toBe(taken + 1)
    expect(met.flatMap(({ errors }) => errors)).toEqual([])
  })

  it('are heard, or told as lost, when the always-on node is gone in between', async () => {
    const host = await alwaysOn()
    const met = await devices(host.url, ['laptop', 'phone'])
    const [laptop, phone] = met as [(typeof met)[0], (typeof met)[0]]
    const count = 40_000
    const gone = next(laptop.node, 'peer-disconnected')
    const sendings = Array.from({ length: count }, (_, i) =>
      laptop.node.broadcast({ i, text: 'x'.repeat(80) }),
    )
    await whenHeard(phone, () => phone.heard.length > 0)
    await host.close()
    await gone
    const outcome = await sendings.at(-1)?.sent.then(
      () => 'sent',
      (error: unknown) => (error instanceof HyphaError ? error.code : error),
    )
    expect(outcome).toBe('MESSAGES_LOST')
    const lost = () =>
      laptop.errors
        .filter(({ code }) => code === 'MESSAGES_LOST')
        .reduce((sum, error) => sum + (error.count ?? 0), 0)
    await whenHeard(laptop, () => lost() + phone.heard.length >= count)
    // Of those on their way some arrived; none is missing that nobody spoke of.
    expect(lost()).toBeLessThanOrEqual(count)
  })
})

it('says at once that nobody is there', async () => {
  const node = createNode({ name: 'laptop' })
  ends.push(() => node.close())
  await node.signUp({ domain: DOMAIN })
  const sending = node.broadcast('hello?')
  expect(sending.peers).toBe(0)
  await sending.sent
})

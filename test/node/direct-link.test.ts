import wrtc from '@roamhq/wrtc'
import { afterEach, expect, test } from 'vitest'
import type { WebRTCPlatform } from '../../src/adapters/transport/web-rtc-platform.js'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaError, type HyphaNode, webRTC, webSocket } from '../../src/index.js'
import { arrived, next, until } from './until.js'

const domain = 'alice.example'
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A WebRTC that says of itself what a test makes of it. */
const saying = (change: (sdp: string) => string): WebRTCPlatform => ({
  ...wrtc,
  RTCPeerConnection: function ChangedPeerConnection(config: object) {
    return new Proxy(new wrtc.RTCPeerConnection(config), {
      get: (real, name) => {
        const value = Reflect.get(real, name)
        if (name === 'localDescription' && value) return { type: value.type, sdp: change(value.sdp) }
        return typeof value === 'function' ? value.bind(real) : value
      },
      set: (real, name, value) => {
        // Without candidates in what it says it is to have none at all.
        const isMute = name === 'onicecandidate' && !change(CANDIDATE).includes('candidate')
        return Reflect.set(real, name, isMute ? () => {} : value)
      },
    })
  },
})
const CANDIDATE = 'a=candidate:1 1 udp 1 127.0.0.1 1 typ host\r\n'
const honest: WebRTCPlatform = wrtc
/** Signals more than a data channel: others can make nothing of that. */
const chatty = saying((sdp) => `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`)
/** Has no address of its own, as behind a wall. */
const walled = saying((sdp) => sdp.replace(/a=candidate.*\r\n/g, ''))

const device = (name: string, { url }: AlwaysOnNode, wrtc: WebRTCPlatform) => {
  const direct = webRTC({ signalling: url, wrtc })
  const node = createNode({ name, transports: [webSocket(url), direct] })
  const errors: HyphaError[] = []
  node.on('error', (error) => errors.push(error))
  ends.push(() => node.close())
  return { node, errors }
}
const road = (node: HyphaNode, name: string) => node.transports().find((transport) => transport.name === name)

/** Alice's laptop is there first, so the phone offers. */
const meet = async (first: WebRTCPlatform, second: WebRTCPlatform) => {
  const server = await createAlwaysOnNode({ port: 0 })
  ends.push(server.close)
  const laptop = device('Laptop', server, first)
  const { passphrase } = await laptop.node.signUp({ domain })
  laptop.node.on('authorisation-requested', ({ id }) => void laptop.node.authorise(id))
  await until(laptop.node, () => road(laptop.node, 'webRTC')?.state === 'listening')
  const phone = device('Phone', server, second)
  const authorised = next(phone.node, 'authorised')
  await phone.node.signIn({ domain, passphrase })
  await authorised
  return { laptop, phone }
}

const HERE = /this end can't use the WebRTC description that the other end sent/
const THERE = /the other end can't use the WebRTC description that this end sent/

test.each([
  ['offer', honest, chatty, HERE, THERE],
  ['answer', chatty, honest, THERE, HERE],
])('an %s that the other end can make nothing of is told at both ends, on the line of that road', async (_, first, second, ofLaptop, ofPhone) => {
  const { laptop, phone } = await meet(first, second)
  for (const [{ node, errors }, sentence] of [
    [laptop, ofLaptop],
    [phone, ofPhone],
  ] as const) {
    const problem = await until(node, () => road(node, 'webRTC')?.problem)
    expect(problem.code).toBe('DIRECT_LINK_REFUSED')
    expect(problem.message).toMatch(sentence)
    // Told once, and of nothing else: the server is there.
    expect(errors.map(({ code }) => code)).toEqual(['DIRECT_LINK_REFUSED'])
    expect(road(node, 'webSocket')).toMatchObject({ state: 'connected', problem: undefined })
    expect(node.getSnapshot().problem).toBeUndefined()
  }
  await phone.node.put('greeting', 'through the server')
  expect(await arrived(laptop.node, 'greeting')).toBe('through the server')
})

test('where neither finds a way to the other, both say that, and not that the server is gone', async () => {
  const { laptop, phone } = await meet(walled, walled)
  for (const { node, errors } of [laptop, phone]) {
    const problem = await until(node, () => road(node, 'webRTC')?.problem)
    expect(problem).toMatchObject({
      code: 'DIRECT_LINK_FAILED',
      message: expect.stringContaining('neither end found a way to the other'),
    })
    expect(errors.map(({ code }) => code)).toEqual(['DIRECT_LINK_FAILED'])
    expect(node.getSnapshot().problem).toBeUndefined()
  }
})

test('what went wrong is over once they meet', async () => {
  let isChatty = true
  const improving = saying((sdp) => (isChatty ? `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n` : sdp))
  const { laptop, phone } = await meet(honest, improving)
  await until(laptop.node, () => road(laptop.node, 'webRTC')?.problem)
  isChatty = false
  for (const { node } of [laptop, phone]) {
    await until(node, () => road(node, 'webRTC')?.state === 'connected')
    expect(road(node, 'webRTC')?.problem).toBeUndefined()
  }
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { fileURLToPath } from 'node:url'
import Hyperdb from 'hyperdb'
import memory from 'random-access-memory'
import { afterEach, describe, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, type NodeOptions, tcp, webSocket } from '../../src/index.js'
import { openWire } from './roads.js'
import { next, until } from './until.js'

const DOMAIN = 'ada.example'
const program = fileURLToPath(new URL('still-process.ts', import.meta.url))

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const open = (options: NodeOptions): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}
const wireTo = async (target: string | undefined) => {
  const wire = await openWire(target as string)
  ends.push(wire.close)
  return wire
}
const connected = (node: HyphaNode) => until(node, () => node.getSnapshot().peers.length === 1)
const gone = (node: HyphaNode) => until(node, () => node.getSnapshot().peers.length === 0)
/** By the constants within ten seconds, as test/actors/heartbeat.test.ts has it by a clock of its own; here by the real one, however slow the machine. */
const timed = async (what: string, waiting: Promise<unknown>): Promise<void> => {
  const since = performance.now()
  await waiting
  process.stdout.write(`${what}: found in ${((performance.now() - since) / 1_000).toFixed(2)} s\n`)
}

describe('a dead peer is found', () => {
  it('when its process stands still; and it is back when that goes on', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    ends.push(async () => {
      child.kill('SIGKILL')
      await exited
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { passphrase, address } = JSON.parse(line)
    const phone = open({ transports: [tcp({ connect: [address] })] })
    const lost = next(phone, 'error')
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await connected(phone)
    await until(phone, () => phone.getSnapshot().peers[0]?.roundTripMs !== undefined)
    child.kill('SIGSTOP')
    await timed('a process that stands still', gone(phone))
    expect((await lost).code).toBe('PEER_TIMED_OUT')
    child.kill('SIGCONT')
    await connected(phone)
  })

  it('when nothing passes any more between two nodes, at both ends', async () => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ transports: [road] })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const wire = await wireTo(road.listening)
    const phone = open({ transports: [tcp({ connect: [wire.address] })] })
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await Promise.all([connected(laptop), connected(phone)])
    wire.pause()
    await Promise.all([
      timed('a wire that stands still, listening', gone(laptop)),
      timed('a wire that stands still, dialling', gone(phone)),
    ])
    wire.resume()
    await connected(phone)
  })

  it.each([
    'tcp',
    'webSocket',
  ] as const)('when nothing passes any more to an always-on node, by %s', async (road) => {
    const server = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
    ends.push(server.close)
    const wire = await wireTo(road === 'tcp' ? `127.0.0.1:${server.tcpPort}` : new URL(server.url).host)
    const transport = road === 'tcp' ? tcp({ connect: [wire.address] }) : webSocket(`http://${wire.address}`)
    const laptop = open({ transports: [transport] })
    await laptop.signUp({ domain: DOMAIN })
    await connected(laptop)
    await until(laptop, () => laptop.getSnapshot().peers[0]?.roundTripMs !== undefined)
    expect(laptop.getSnapshot().peers[0]).toMatchObject({ writerKey: undefined, spares: [] })
    wire.pause()
    const there = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (server.status().connections > 0) return
        clearInterval(timer)
        resolve()
      }, 20)
    })
    await Promise.all([
      timed(`an always-on node by ${road}`, gone(laptop)),
      timed(`the node of an always-on one by ${road}`, there),
    ])
  })
})

describe('a peer of 2019, which has no heartbeat', () => {
  /** hyperdb as it was, over TCP. */
  const meet = async (timeout: number | undefined) => {
    const road = tcp({ listen: '127.0.0.1:0' })
    const laptop = open({ transports: [road] })
    const { hyphalink } = await laptop.signUp({ domain: DOMAIN })
    const wire = await wireTo(road.listening)
    const db = new Hyperdb(() => memory(), hyphalink, { valueEncoding: 'binary' })
    await new Promise<void>((resolve) => db.ready(() => resolve()))
    const [host, port] = wire.address.split(':')
    const socket = connect({ host: host as string, port: Number(port) })
    const stream = db.replicate({ live: true, ...(timeout === undefined ? {} : { timeout }) })
    pipeline(socket, stream, socket, () => {})
    ends.push(() => socket.destroy())
    await connected(laptop)
    // What it is for.
    while (db.source.length < 2) await once(db.source, 'append')
    return { laptop, wire }
  }

  it.each([
    undefined,
    20_000,
  ])('stays while it is idle, when its timeout is %s ms, and is found when it is dead', async (timeout) => {
    const { laptop, wire } = await meet(timeout)
    const [peer] = laptop.getSnapshot().peers
    await new Promise((resolve) => setTimeout(resolve, 16_000))
    expect(laptop.getSnapshot().peers[0]?.id).toBe(peer?.id)
    wire.pause()
    await timed(`a peer of 2019 with ${timeout ?? 'its own'} timeout`, gone(laptop))
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createNode, fileStorage, type HyphaNode, type NodeOptions, tcp } from '../../src/index.js'
import { reached, until } from './until.js'

const program = fileURLToPath(new URL('flow-process.ts', import.meta.url))
/** The long run: HYPHA_KILLS=40 npx vitest run test/node/killed-in-the-flow.test.ts */
const KILLS = Number(process.env.HYPHA_KILLS ?? 2)
const DOMAIN = 'ada.example'
/** From the first step to the last takes about this long. */
const SPAN_MS = 1_200

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const newDirectory = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-flow-'))
  ends.push(() => rm(directory, { recursive: true }))
  return directory
}
const open = (options: NodeOptions): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}

interface Said {
  readonly hyphalink?: string
  readonly writerKey?: string
  readonly asked?: string
  readonly authorised?: string
  readonly written?: string
}

/** Runs one step in a process of its own and kills that some time after it began; what it had said by then. */
const killed = async (how: { args: string[]; passphrase?: string; after: number }): Promise<Said[]> => {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...how.args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const closed = once(child, 'close')
  const said: Said[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line)
    if (message !== 'ready') said.push(message)
    else {
      child.stdin.write(`${how.passphrase ?? ''}\n`)
      setTimeout(() => child.kill('SIGKILL'), how.after)
    }
  }
  await closed
  return said
}

/** Kills at any moment, a few at each. */
const moments = Array.from({ length: KILLS }, (_, i) => ((i + 0.5) / KILLS) * SPAN_MS)

const mustHold = async (node: HyphaNode, said: readonly Said[]) => {
  for (const { written } of said)
    if (written) expect([written, await node.get(written)]).not.toContain(undefined)
}

it(`a sign-up that is killed, ${KILLS} times, is whole or not there at all`, async () => {
  const seen = new Set<string>()
  for (const after of moments) {
    const directory = await newDirectory()
    const said = await killed({ args: ['sign-up', directory], after })
    const node = open({ storage: fileStorage(directory) })
    await until(node, () => node.state !== 'opening')
    seen.add(node.state)
    if (said[0]) expect(node.getSnapshot()).toMatchObject({ state: 'origin', ...said[0] })
    if (node.state === 'signedOut') await node.signUp({ domain: DOMAIN })
    expect(node.state).toBe('origin')
    await mustHold(node, said)
    expect(node.nodes()).toMatchObject([{ isSelf: true }])
    await node.put('and', 'goes on')
    await node.close()
  }
  if (KILLS > 10) expect([...seen].sort()).toEqual(['origin', 'signedOut'])
}, 600_000)

it(`a sign-in that is killed, ${KILLS} times, asks its person’s question once, and loses nothing`, async () => {
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = open({ transports: [road] })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const address = road.listening as string
  for (const [i, after] of moments.entries()) {
    const isSlow = i % 2 === 0
    let stop = () => {}
    if (!isSlow)
      stop = laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id).catch(() => {}))
    const directory = await newDirectory()
    const said = await killed({ args: ['sign-in', directory, address], passphrase, after })
    stop()
    const asked = said.findLast((line) => line.asked)
    const phone = open({ storage: fileStorage(directory), transports: [tcp({ connect: [address] })] })
    await until(phone, () => phone.state !== 'opening')
    if (phone.state === 'awaitingAuthorisation' && asked) expect(phone.request()?.id).toBe(asked.asked)
    if (phone.state !== 'writer') await phone.signIn({ domain: DOMAIN, passphrase })
    if (asked) expect(phone.writerKey).toBe(asked.writerKey)
    if (phone.state !== 'writer') {
      const id = await until(phone, () => phone.request()?.id)
      await until(laptop, () => laptop.requests().some((request) => request.id === id))
      expect(laptop.requests()).toHaveLength(1)
      await laptop.authorise(id)
    }
    await reached(phone, 'writer')
    await mustHold(phone, said)
    expect(laptop.requests()).toEqual([])
    await phone.close()
  }
  expect(new Set(laptop.nodes().map(({ writerKey }) => writerKey)).size).toBe(laptop.nodes().length)
  expect(laptop.nodes()).toHaveLength(1 + KILLS)
}, 600_000)

it(`a node that is killed while it authorises, ${KILLS} times, has let in once or not yet`, async () => {
  for (const after of moments) {
    const directory = await newDirectory()
    const road = tcp({ listen: '127.0.0.1:0' })
    const before = open({ storage: fileStorage(directory), transports: [road] })
    const { passphrase } = await before.signUp({ domain: DOMAIN })
    const address = road.listening as string
    await before.close()

    const phone = open({ transports: [tcp({ connect: [address] })] })
    await phone.signIn({ domain: DOMAIN, passphrase })
    const asked = phone.request()?.id
    const said = await killed({ args: ['authorise', directory, address], after: after / 3 })
    const laptop = open({ storage: fileStorage(directory), transports: [tcp({ listen: address })] })
    await reached(laptop, 'origin')
    const has = await Promise.race([
      reached(phone, 'writer').then(() => 'writer'),
      until(laptop, () => laptop.requests()[0]).then(() => 'asking'),
    ])
    if (said.some(({ authorised }) => authorised)) expect(has).toBe('writer')
    if (has === 'asking') {
      expect(laptop.requests()).toMatchObject([{ id: asked }])
      await laptop.authorise(asked ?? '').catch(() => {})
      await reached(phone, 'writer')
    }
    await mustHold(laptop, said)
    await until(laptop, () => laptop.nodes().length === 2)
    expect(laptop.requests()).toEqual([])
    await phone.close()
    await laptop.close()
  }
}, 600_000)

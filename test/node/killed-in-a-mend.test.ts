import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, fileStorage, type HyphaNode, type NodeOptions, tcp, webSocket } from '../../src/index.js'
import { arrived, reached, until } from './until.js'

const program = fileURLToPath(new URL('mend-process.ts', import.meta.url))
/** The long run: HYPHA_KILLS=40 npx vitest run test/node/killed-in-a-mend.test.ts */
const KILLS = Number(process.env.HYPHA_KILLS ?? 3)
const DOMAIN = 'alice.example'

const ends: Array<() => Promise<void> | void> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypha-mend-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
const copyOf = (from: string): string => {
  const to = join(newFolder(), 'copy')
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('/lock') })
  return to
}
const open = (options: NodeOptions): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}

interface Run {
  readonly written: readonly string[]
  /** Writes to storage from when it began to mend; undefined when it was killed before it was done. */
  readonly writes: number | undefined
}

/** Runs a node in a process of its own, which is killed at a write to its storage, or some time after it began to mend. */
const run = async (
  args: readonly [folder: string, address: string, name: string],
  how: { at?: number; after?: number; until: 'mended' | 'asked' },
): Promise<Run> => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', program, ...args, String(how.at ?? 0), how.until],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const closed = once(child, 'close')
  const written: string[] = []
  let writes: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const message: { written?: string; begins?: true; writes?: number } = JSON.parse(line)
    if (message.written) written.push(message.written)
    if (message.begins && how.after !== undefined) setTimeout(() => child.kill('SIGKILL'), how.after)
    writes = message.writes ?? writes
  }
  await closed
  return { written, writes }
}

/** The moments of a mend: each of its writes to storage that is due in this run of the tests, and some at random. */
const moments = (writes: number): { at?: number; after?: number }[] => [
  ...Array.from({ length: KILLS }, (_, i) => ({ at: 1 + Math.floor(((i + 0.5) / KILLS) * writes) })),
  ...Array.from({ length: Math.ceil(KILLS / 3) }, () => ({ after: Math.random() * 400 })),
]

it('a node that was set back and is killed while it mends its feed loses nothing that it acknowledged', async () => {
  const host = await createAlwaysOnNode({ port: 0, claim: 1 })
  ends.push(() => host.close())
  const folder = newFolder()
  const roads = () => [webSocket(host.url)]
  const first = open({ storage: fileStorage(folder), transports: roads() })
  await first.signUp({ domain: DOMAIN })
  await first.put('before', 1)
  await until(first, () => first.getSnapshot().heldBy > 0)
  await first.close()
  const backup = copyOf(folder)
  const after = open({ storage: fileStorage(folder), transports: roads() })
  await reached(after, 'origin')
  for (let i = 0; i < 40; i++) await after.put(`after/${i}`, 'x'.repeat(500))
  await until(after, () => after.getSnapshot().heldBy > 0)
  await after.close()
  // Without a road, so that there are two branches.
  const alone = open({ storage: fileStorage(backup) })
  await reached(alone, 'origin')
  await alone.put('alone', 1)
  await alone.close()

  const whole = await run([copyOf(backup), host.url, 'whole'], { until: 'mended' })
  expect(whole.writes).toBeGreaterThan(0)
  const expected = ['before', 'alone', 'after/0', 'after/39']
  for (const [i, moment] of moments(whole.writes ?? 0).entries()) {
    const directory = copyOf(backup)
    const { written } = await run([directory, host.url, `killed/${i}`], { ...moment, until: 'mended' })
    expected.push(...written)
    const node = open({ storage: fileStorage(directory), transports: roads() })
    await reached(node, 'origin')
    for (const key of expected) expect([moment, key, await arrived(node, key)]).not.toContain(undefined)
    await until(node, () => !node.getSnapshot().mending && node.getSnapshot().heldBy > 0)
    await node.put(`then/${i}`, i)
    expected.push(`then/${i}`)
    await until(node, () => node.getSnapshot().heldBy > 0)
    await node.close()
  }
})

it('a node whose key another one keeps, and that is killed while it gets a new one, loses nothing that it acknowledged', async () => {
  const folder = newFolder()
  const first = open({ storage: fileStorage(folder) })
  await first.signUp({ domain: DOMAIN })
  await first.put('before', 1)
  await first.close()
  const backup = copyOf(folder)
  const alone = open({ storage: fileStorage(backup) })
  await reached(alone, 'origin')
  await alone.put('alone', 1)
  await alone.close()

  const road = tcp({ listen: '127.0.0.1:0' })
  const keeper = open({ storage: fileStorage(folder), transports: [road] })
  await reached(keeper, 'origin')
  await keeper.put('kept', 1)
  const address = String(road.listening)
  const whole = await run([copyOf(backup), address, 'whole'], { until: 'asked' })
  expect(whole.writes).toBeGreaterThan(0)
  const expected = ['before', 'alone', 'kept']
  for (const [i, moment] of moments(whole.writes ?? 0).entries()) {
    const directory = copyOf(backup)
    const { written } = await run([directory, address, `killed/${i}`], { ...moment, until: 'asked' })
    expected.push(...written)
    const node = open({ storage: fileStorage(directory), transports: [tcp({ connect: [address] })] })
    await reached(node, 'awaitingAuthorisation')
    expect(node.writerKey).not.toBe(keeper.writerKey)
    const id = await until(node, () => node.request()?.id)
    await until(keeper, () => keeper.requests().some((request) => request.id === id))
    await keeper.authorise(id)
    await reached(node, 'writer')
    await node.put(`then/${i}`, i)
    expected.push(`then/${i}`)
    for (const each of [keeper, node])
      for (const key of expected) expect([moment, key, await arrived(each, key)]).not.toContain(undefined)
    await node.close()
  }
  expect(keeper.state).toBe('origin')
})

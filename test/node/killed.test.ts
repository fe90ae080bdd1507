import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createNode, fileStorage } from '../../src/index.js'
import { reached } from './until.js'

const program = fileURLToPath(new URL('writing-process.ts', import.meta.url))
/** The long run: HYPHA_KILLS=100 npx vitest run test/node/killed.test.ts */
const KILLS = Number(process.env.HYPHA_KILLS ?? 6)

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
})

interface Said {
  readonly state?: string
  readonly writerKey?: string
  readonly written?: readonly string[]
}

/** Lets a node write until it has said `writes` of them, and kills its process in the middle of the next. */
const writeAndKill = async (directory: string, round: number, writes: number) => {
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const said: Said[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(JSON.parse(line))
    if (said.length > writes) child.kill('SIGKILL')
  }
  await closed
  return { start: said[0], written: said.flatMap(({ written = [] }) => written) }
}

it(`a node that is killed ${KILLS} times in the middle of writing comes back each time with all that it said it wrote`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-killed-'))
  directories.push(directory)
  const written: string[] = []
  const writers = new Set<string | undefined>()
  for (let round = 0; round < KILLS; round++) {
    const life = await writeAndKill(directory, round, 1 + ((round * 7) % 40))
    expect(life.start?.state).toBe('origin')
    writers.add(life.start?.writerKey)
    written.push(...life.written)
  }
  expect(writers.size).toBe(1)
  const node = createNode({ storage: fileStorage(directory) })
  await reached(node, 'origin')
  const kept = new Set<string>()
  for await (const { key } of node.entries()) kept.add(key)
  expect(written.filter((key) => !kept.has(key))).toEqual([])
  await node.put('and', 'goes on')
  expect(await node.get('and')).toBe('goes on')
  await node.close()
}, 600_000)

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { createNode, fileStorage } from '../../src/index.js'

const DOMAIN = 'ada.example'
const program = fileURLToPath(new URL('locked-process.ts', import.meta.url))

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A program whose node finds its storage taken, by a node of this one. */
const beginLocked = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-locked-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  const holder = createNode({ storage: fileStorage(directory) })
  ends.push(() => holder.close())
  await holder.signUp({ domain: DOMAIN })
  const child = spawn(process.execPath, ['--import', 'tsx', program, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  ends.push(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit').then(([exitCode, signal]) => exitCode ?? signal)
  let said = ''
  child.stdout.setEncoding('utf8')
  const says = async (state: string) => {
    while (!said.split('\n').includes(state)) said += (await once(child.stdout, 'data'))[0]
  }
  await says('failed')
  return { holder, child, says, exited }
}

it('a node whose storage is taken keeps its process until it can go on, though nobody calls it', async () => {
  const { holder, says, exited } = await beginLocked()
  await holder.close()
  await says('origin')
  // It has nothing to do from then on: no timer and no file holds the program.
  expect(await exited).toBe(0)
})

it('a node whose storage is taken is closed as any other, and its process ends', async () => {
  const { holder, child, exited } = await beginLocked()
  child.stdin.write('close\n')
  expect(await exited).toBe(0)
  expect(holder.state).toBe('origin')
})

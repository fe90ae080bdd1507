import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { atEnd, claimPlace, newPerson, openClient, until } from './world.js'

const main = fileURLToPath(new URL('../../src/always-on/main.ts', import.meta.url))

const run = (args: string[], env: Record<string, string> = {}) => {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.err += chunk
  })
  let code: unknown
  const ended = once(child, 'close').then(([exit, signal]) => {
    code = exit ?? signal
  })
  atEnd(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    said,
    code: async () => {
      await ended
      return code
    },
    started: () => until(() => said.out.includes('this code') || code !== undefined),
  }
}

test.each([
  'SIGTERM',
  'SIGINT',
] as const)('it prints where it is, serves, and ends well on %s', async (signal) => {
  const server = run(['--port', '0', '--tcp-port', '0', '--places', '2'])
  await server.started()
  const lines = server.said.out.split('\n')
  const url = /^The always-on node is at (http:\/\/127\.0\.0\.1:\d+)$/.exec(lines[0]!)?.[1]
  const tcpPort = Number(/at port (\d+)$/.exec(lines[1]!)?.[1])
  expect(lines[2]).toBe('2 places are free for hyphas to claim')
  if (!url) throw new Error('no URL')
  const node = { url, tcpPort, claimCode: undefined, status: () => ({}) as never, close: async () => {} }
  const alice = newPerson()
  expect(await claimPlace(node, alice)).toEqual({ type: 'claimed' })
  await (await openClient(alice)).connect(node, 'tcp')
  server.child.kill(signal)
  expect(await server.code()).toBe(0)
  expect(server.said.err).toBe('')
  expect(server.said.out).not.toContain(alice.link)
})

test('a port that is taken, and options that make no sense, are one sentence and exit code 1', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  atEnd(async () => void holder.close())
  const address = holder.address()
  const port = String(typeof address === 'object' ? address?.port : 0)
  const runs = [
    run([], { PORT: port }),
    run(['--port', 'eighty']),
    run(['--port', '70000']),
    run(['--no-such-option']),
    run(['--tls-key', 'key.pem']),
  ]
  for (const server of runs) expect(await server.code()).toBe(1)
  for (const { said } of runs) {
    expect(said.out).toBe('')
    expect(said.err.trim().split('\n')).toHaveLength(1)
    expect(said.err).not.toContain('    at ')
  }
  const help = run(['--help'])
  expect(await help.code()).toBe(0)
  expect(help.said.out).toContain('--places')
})

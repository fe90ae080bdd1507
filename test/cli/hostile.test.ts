import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plainRequest } from '../../src/cli/commands/requests.js'
import { createNode, fileStorage } from '../../src/index.js'
import { atEnd, good, hypha, signUp, start } from './hypha.js'

/** What terminals act on, what turns text around, and what can't be seen. */
const EVIL = '\u202e\u200b\u2028\u2066<img src=x onerror=alert(1)>\ufeff\u{e0041}'
const VALUE = `${EVIL}\u001b]0;owned\u0007\u001b[2J\u009b31m\r\nroot# \u0000\u007f`
const UNSAFE = /[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}|\p{Zp}/u

/** Her other device, with the same data, writes what no terminal should see. */
const withEvil = async () => {
  const { data, passphrase } = await signUp()
  const node = createNode({ storage: fileStorage(join(data, 'store')) })
  await new Promise<void>((resolve) => {
    const look = () => node.state === 'origin' && resolve()
    node.subscribe(look)
    look()
  })
  await node.put(`a/${EVIL}`, VALUE)
  await node.put('a/deep', { [VALUE]: [[VALUE]] })
  await node.close()
  return { data, passphrase }
}

test('nothing that others wrote reaches the terminal as more than text, in any command, plain and as JSON', async () => {
  const { data } = await withEvil()
  const key = `a/${EVIL}`
  for (const args of [
    ['ls'],
    ['get', key],
    ['get', 'a/deep'],
    ['status'],
    ['nodes'],
    ['get', `${EVIL}none`],
    ['del', EVIL],
    ['put', `x/${EVIL}\u001b`, '1'],
    ['sgn-up', EVIL],
    [`--${EVIL}`],
    ['put', 'name', VALUE.replaceAll('\u0000', '')],
  ]) {
    for (const json of [[], ['--json']]) {
      const { out, err } = await hypha([...args, ...json], { data })
      expect(out + err, args[0]).not.toMatch(UNSAFE)
      expect(out + err).not.toMatch(/\n {4}at /)
    }
  }
  const exact = await good(['get', key, '--json'], { data })
  expect(JSON.parse(exact.out)).toBe(VALUE)
  const watching = start(['watch', '--json'], { data })
  await watching.says(/Watching/)
  await good(['put', key, '1'], { data })
  await watching.says(/"deleted":false/)
  expect(watching.out + watching.err).not.toMatch(UNSAFE)
})

test('no name can put other words before the ones to compare', () => {
  const words = ['one', 'two', 'three', 'four', 'five']
  const request = {
    id: 'a',
    nodeName: 'Phone” that shows right right right right right',
    words,
    writerKey: 'b',
    receivedAt: 0,
    resembles: undefined,
    legacy: false,
  }
  for (const legacy of [true, false])
    expect(plainRequest({ ...request, legacy })).toMatch(
      /^(A node|An old node, unsigned,) that shows one two three four five asks to write: /,
    )
})

test('a value that can not be stored is an error that says so, with a session and without', async () => {
  const { data } = await signUp()
  const large = `"${'x'.repeat(2 * 1024 * 1024)}"`
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  const refused = async () => {
    expect((await hypha(['put', 'a', '-'], { data, input: large })).err).toMatch(/larger than/)
    expect((await hypha(['put', 'a', '-'], { data, input: deep })).err).toMatch(/nested/)
  }
  await refused()
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  await refused()
  await good(['put', 'a', '-'], { data, input: `"${'é'.repeat(500_000)}"` })
  expect((await good(['get', 'a'], { data })).out).toHaveLength(500_001)
})

test('clients by the thousand, that say nothing, or half, or read nothing, leave the session to the next', async () => {
  const { data } = await signUp()
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  const path = join(data, 'session', 'socket')
  const sockets = Array.from({ length: 1_000 }, (_, i) => {
    const socket = connect({ path, allowHalfOpen: true })
    socket.on('error', () => {}).pause()
    if (i % 3 === 0) socket.end('{"id":1,"meth')
    else if (i % 3 === 1)
      for (let id = 1; id < 60; id++) socket.write(`{"id":${id},"method":"status","params":{}}\n`)
    return socket
  })
  atEnd(async () => sockets.map((socket) => socket.destroy()))
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
  )
  for (const socket of sockets) socket.destroy()
  await good(['put', 'a', '1'], { data })
  expect((await good(['get', 'a'], { data })).out).toBe('1\n')
  expect(running.child.exitCode).toBeNull()
})

import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimPlace, newPerson, openClient } from '../always-on/world.js'
import { atEnd, DOMAIN, good, hypha, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

const asNode = (url: string, tcpPort?: number) => ({
  url,
  tcpPort,
  claimCode: undefined,
  inspectorUrl: undefined,
  status: () => ({}) as never,
  close: async () => {},
})

test.each([
  'SIGTERM',
  'SIGINT',
] as const)('it prints where it is, serves, and ends well on %s', async (signal) => {
  const server = start(['always-on', '--port', '0', '--tcp-port', '0', '--places', '2'])
  await server.says(/this code/)
  const lines = server.out.split('\n')
  const url = /^The always-on node is at (http:\/\/127\.0\.0\.1:\d+)$/.exec(lines[0] ?? '')?.[1]
  const tcpPort = Number(/at port (\d+)$/.exec(lines[1] ?? '')?.[1])
  expect(lines[2]).toBe('2 places are free for hyphas to claim')
  if (!url) throw new Error('no URL')
  const node = asNode(url, tcpPort)
  const alice = newPerson()
  expect(await claimPlace(node, alice)).toEqual({ type: 'claimed' })
  await (await openClient(alice)).connect(node, 'tcp')
  expect(await server.end(signal)).toBe(0)
  expect(server.err).toBe('')
  expect(server.out).toMatch(new RegExp(`\nEnded at \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z \\(${signal}\\)\n$`))
  expect(server.out).not.toContain(alice.link)
})

test('a port that is taken is one sentence and exit code 1; options that make no sense are code 2', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  atEnd(async () => void holder.close())
  const address = holder.address()
  const port = String(typeof address === 'object' ? address?.port : 0)
  const runs = [
    hypha(['always-on'], { env: { PORT: port } }),
    ...[
      ['--port', 'eighty'],
      ['--port', '70000'],
      ['--no-such-option'],
      ['--tls-key', 'key.pem'],
      ['--tls-key', 'nowhere.pem', '--tls-cert', 'nowhere.pem'],
    ].map((args) => hypha(['always-on', ...args])),
  ]
  const ended = await Promise.all(runs)
  expect(ended.map(({ code }) => code)).toEqual([1, 2, 2, 2, 2, 2])
  for (const { out, err } of ended) {
    expect(out).toBe('')
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).not.toContain('    at ')
  }
})

test('with --data, places and hyphas are there again after it was ended, or killed', async () => {
  const data = join(await newFolder(), 'always-on')
  const first = await startAlwaysOn(['--data', data, '--places', '1'])
  const { data: laptop, passphrase } = await signUp(['--connect', first.url])
  await good(['put', 'a', '1'], { data: laptop })
  const port = new URL(first.url).port
  expect((await hypha(['always-on', '--port', '0', '--data', data])).code).toBe(1)

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const running = signal === 'SIGKILL' ? first.run : undefined
    await running?.end(signal)
    const again = start(['always-on', '--port', port, '--data', data, '--places', '1'])
    await again.says(/0 places are free for hyphas to claim\n/)
    // The laptop is off: a new device has what was written from the always-on node alone.
    const phone = await newFolder()
    const asking = start(['sign-in', DOMAIN, '--connect', first.url, '--passphrase-stdin'], {
      data: phone,
      input: passphrase,
    })
    await asking.says(/It shows: /)
    const watching = start(['watch'], { data: phone })
    await watching.says(/Watching/)
    if ((await hypha(['get', 'a'], { data: phone })).code !== 0) await watching.says(/a\t1/)
    await asking.end('SIGINT')
    expect(await again.end(signal === 'SIGKILL' ? 'SIGTERM' : 'SIGKILL')).toBe(
      signal === 'SIGKILL' ? 0 : 'SIGKILL',
    )
  }
})

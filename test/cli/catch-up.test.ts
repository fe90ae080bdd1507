/** What short commands show without `hypha run`, and what they say of the road. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import { CATCH_UP_MS, catchUp } from '../../src/cli/catch-up.js'
import { createOutput } from '../../src/cli/output.js'
import { createNode } from '../../src/index.js'
import { DOMAIN, good, hypha, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

const NOBODY = ['--connect', 'http://127.0.0.1:1']
const UNREACHABLE = /^ws:\/\/127\.0\.0\.1:1 can't be reached \(ECONNREFUSED\)\. Check the address/gm

test('what one machine wrote is what the next command on another one shows, without hypha run', async () => {
  const { url, run: server } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  await good(['put', 'notes/1', 'one'], { data: laptop })
  const phone = await newFolder()
  const signIn = [
    'sign-in',
    DOMAIN,
    '--connect',
    url,
    '--name',
    'Phone',
    '--passphrase-stdin',
    '--no-request',
  ]
  await good(signIn, { data: phone, input: passphrase })
  const listed = await good(['ls', 'notes/'], { data: phone })
  expect(listed).toMatchObject({ out: 'notes/1\tone\n', err: '' })

  await good(['put', 'notes/2', 'two'], { data: laptop })
  expect(await good(['get', 'notes/2'], { data: phone })).toMatchObject({ out: 'two\n', err: '' })
  const status = await good(['status'], { data: phone })
  expect(status.out).toMatch(/^sync +all that is known of is here$/m)
  expect(status.out).toMatch(/^nodes +1 may write$/m)
  expect(status.out).not.toContain('block')
  // A terminal is told what it waits for.
  const onTerminal = start(['ls', 'notes/'], { data: phone, pty: true })
  expect(await onTerminal.code).toBe(0)
  expect(onTerminal.out).toMatch(/Looking for what is new[\s\S]*notes\/2\ttwo/)

  // Nobody is there: what was here comes, and says what it is.
  await server.end()
  for (const args of [['ls', 'notes/'], ['nodes'], ['status']]) {
    const got = await good(args, { data: phone })
    expect(got.err).toMatch(/can't be reached[\s\S]*\nNot connected: this is what was here\.\n$/)
    expect(got.out).not.toBe('')
    expect(got.out).not.toContain('tried again')
  }
  // A node that runs and has met nobody says the same.
  const running = start(['run'], { data: phone })
  await running.says(/can't be reached/)
  expect((await good(['status'], { data: phone })).out).toMatch(
    /^problem +ws:.*tried again until it answers/m,
  )
  const alone = await good(['ls', 'notes/'], { data: phone })
  expect(alone).toMatchObject({
    out: 'notes/1\tone\nnotes/2\ttwo\n',
    err: 'Not connected: this is what was here.\n',
  })
})

test('nothing is waited for when no address leads to anybody', async () => {
  const node = createNode()
  // Never advanced: whoever waits hangs.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const note = vi.fn<(text: string) => void>()
  const out = { ...createOutput(process, () => {}), note }
  const stop = new AbortController().signal
  const news = { hear: () => {}, failed: AbortSignal.abort() }
  await catchUp(node, { connect: ['http://127.0.0.1:1'] }, news, {
    around: process,
    out,
    stop,
    finish: () => {},
  })
  vi.useRealTimers()
  expect(note.mock.calls).toEqual([['Not connected: this is what was here.']])
  await node.close()
})

test('a node that answers nothing is waited for, and then what was here is shown', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { data } = await signUp()
  const connecting = start(['run', '--connect', `http://127.0.0.1:${port}`], { data })
  await connecting.says(/is origin/)
  await connecting.end()
  const begun = performance.now()
  const got = await good(['ls'], { data })
  expect(got.err).toBe('Not connected: this is what was here.\n')
  expect(performance.now() - begun).toBeGreaterThan(CATCH_UP_MS - 100)
  silent.close()
})

test('an address that leads to nobody is named once, by every command, with what to do', async () => {
  const { data, passphrase } = await signUp()
  const runs = {
    run: start(['run', ...NOBODY], { data }),
    'sign-in': start(['sign-in', DOMAIN, ...NOBODY, '--passphrase-stdin'], {
      data: await newFolder(),
      input: passphrase,
    }),
  }
  for (const run of Object.values(runs)) {
    await run.says(UNREACHABLE)
    if (run === runs.run) {
      const { err } = await good(['put', 'a', '1'], { data })
      expect(err).toBe('Not connected: it stays here until another node is met.\n')
    }
    expect(await run.end('SIGINT')).toBe(0)
    expect(run.err.match(UNREACHABLE)).toHaveLength(1)
    expect(run.err).toContain('it is tried again until it answers')
  }
  const reader = await newFolder()
  const short = [
    await good(['put', 'a', '1'], { data }),
    await good(['del', 'a'], { data }),
    await good(['sign-up', DOMAIN, ...NOBODY], { data: await newFolder() }),
    await good(['sign-in', DOMAIN, ...NOBODY, '--passphrase-stdin', '--no-wait'], {
      data: await newFolder(),
      input: passphrase,
    }),
    await good(['sign-in', DOMAIN, ...NOBODY, '--passphrase-stdin', '--no-request'], {
      data: reader,
      input: passphrase,
    }),
  ]
  for (const { err } of short) {
    expect(err.match(UNREACHABLE)).toHaveLength(1)
    expect(err).toContain('hypha run --connect <url> gives another address')
    expect(err).not.toContain('tried again')
  }
  // Nothing of the hypha is there: status says that, and nothing beside it.
  const status = await good(['status'], { data: reader })
  expect(status.out).toMatch(/^sync +nothing has arrived yet$/m)
  expect(status.out).not.toMatch(/%|block|may write$/m)
})

test('a place that is not to be had is named, and run tells of connections that come and go', async () => {
  const full = await startAlwaysOn(['--places', '0'])
  const { data } = await signUp()
  const refused = start(['run', '--connect', full.url], { data })
  await refused.says(/^ws:\/\/127\.0\.0\.1:\d+: .*(place|kept there)/m)
  await refused.end()
  const put = await hypha(['put', 'a', '1'], { data })
  expect(put.code).toBe(0)
  expect(put.err).toMatch(/^ws:\/\/127\.0\.0\.1:\d+: .*(place|kept there)/m)

  const { url, run: server } = await startAlwaysOn()
  const running = start(['run', '--connect', url], { data })
  await running.says(/Connected to ws:\/\/127\.0\.0\.1:\d+ by webSocket\./)
  await server.end()
  await running.says(/No longer connected to ws:\/\/127\.0\.0\.1:\d+\. It is tried again\./)
  await running.says(/can't be reached/)
  const again = start(['always-on', '--port', new URL(url).port])
  await again.says(/The always-on node is at/)
  await running.says(/tried again\.\nConnected to/)
})

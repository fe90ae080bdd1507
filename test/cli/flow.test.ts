import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { DOMAIN, good, hypha, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

test('Alice signs up on one machine, signs in on another, and says yes by script', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  expect(passphrase.split(' ')).toHaveLength(9)
  const written = await good(['put', 'notes/1', '{"text":"hello"}'], { data: laptop })
  expect(written.err).toContain('Another node has it.')

  const phone = await newFolder()
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-stdin', '--json']
  const asking = start(signIn, { data: phone, input: `${passphrase}\n` })
  // A quicker yes would come before it says that it waits.
  await asking.says(/awaitingAuthorisation/)
  const answering = start(['requests', '--yes', '--once', '--json'], { data: laptop })
  expect(await answering.code).toBe(0)
  expect(await asking.code).toBe(0)
  const answered = JSON.parse(answering.out)
  expect(answered).toMatchObject({ nodeName: 'Phone', outcome: 'authorised' })
  const lines = asking.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines[0]).toMatchObject({ state: 'awaitingAuthorisation', words: answered.words })
  expect(lines.at(-1)).toEqual({ outcome: 'authorised' })

  await good(['put', 'notes/2', 'from the phone'], { data: phone })
  const { out: listed } = await good(['ls', 'notes/', '--json'], { data: phone })
  const entries = listed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(entries.map(({ key }) => key)).toEqual(['notes/1', 'notes/2'])
  expect(entries[0]).toMatchObject({ value: { text: 'hello' }, public: false })
  const nodes = JSON.parse((await good(['nodes', '--json'], { data: phone })).out)
  expect(nodes.map(({ name, isSelf }: { name: string; isSelf: boolean }) => [name, isSelf])).toEqual([
    ['Laptop', false],
    ['Phone', true],
  ])

  // The laptop hears of a writer and of what it wrote in one go, without hypha run.
  expect((await good(['get', 'notes/2'], { data: laptop })).out).toBe('from the phone\n')
  // What the phone wrote is on the laptop once that runs, and for the other commands after that.
  const running = start(['run'], { data: laptop })
  await running.says(/Laptop is origin/)
  const watching = start(['watch', 'notes/', '--json'], { data: laptop })
  await watching.says(/Watching/)
  for (;;) {
    const { code, out } = await hypha(['get', 'notes/2'], { data: laptop })
    if (code === 0) {
      expect(out).toBe('from the phone\n')
      break
    }
    await watching.says(/notes\/2/)
  }
  const status = JSON.parse((await good(['status', '--json'], { data: laptop })).out)
  expect(status).toMatchObject({
    state: 'origin',
    name: 'Laptop',
    connect: [url],
    session: { command: 'run' },
  })
  expect(status.peers).toHaveLength(1)
  await good(['put', 'notes/3', '3'], { data: laptop })
  await good(['del', 'notes/1'], { data: laptop })
  await watching.says(/"notes\/1","deleted":true/)
  expect(watching.out).toContain('{"key":"notes/3","value":3,"deleted":false}\n')
  expect(await watching.end('SIGINT')).toBe(0)
  expect(await running.end('SIGTERM')).toBe(0)
  expect(running.err).toBe('')
})

test('a request that nobody answers stays for the next run, under the same words', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const phone = await newFolder()
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-stdin']
  const asking = start(signIn, { data: phone, input: passphrase })
  const [, words] = await asking.says(/It shows: (.+)\n/)
  expect(await asking.end('SIGINT')).toBe(0)
  expect(asking.err).toContain('The request stays')
  const running = start(['run'], { data: phone })
  expect((await running.says(/It shows: (.+)\n/))[1]).toBe(words)
  // While it runs, another command waits for the answer without the passphrase.
  const waiting = start(['sign-in', DOMAIN], { data: phone })
  expect((await waiting.says(/It shows: (.+)\n/))[1]).toBe(words)

  const answering = start(['requests'], { data: laptop, pty: true })
  await answering.says(/asks to write: “Phone”\r?\n/)
  expect(answering.out).toContain(`A node that shows ${words} asks to write`)
  await answering.says(/y \/ n \/ later: /)
  answering.type('what\r')
  await answering.says(/what[\s\S]*y \/ n \/ later: /)
  answering.type('y\r')
  await answering.says(/Phone: authorised/)
  expect(await waiting.code).toBe(0)
  expect(waiting.out).toContain('This node may write.')
  await running.says(/This node may write now/)
  answering.type('\u0003')
  expect(await answering.code).toBe(0)
})

test('later keeps a request, n declines it, and the one who asked is told', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const running = start(['run'], { data: laptop })
  await running.says(/Connected to/)
  const phone = await newFolder()
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-fd', '0']
  const asking = start(signIn, { data: phone, input: passphrase })
  await running.says(/asks to write: “Phone”/)
  expect(JSON.parse((await good(['requests', '--list', '--json'], { data: laptop })).out)).toMatchObject([
    { nodeName: 'Phone' },
  ])
  const first = start(['requests', '--once'], { data: laptop, pty: true })
  await first.says(/later: /)
  first.type('later\r')
  expect(await first.code).toBe(0)
  expect(first.out).toContain('Phone: later')
  expect(first.out).toContain('hypha requests, started again, asks again')
  const second = start(['requests', '--once'], { data: laptop, pty: true })
  await second.says(/later: /)
  second.type('n\r')
  expect(await second.code).toBe(0)
  expect(await asking.code).toBe(1)
  expect(asking.out).toContain('It was declined')
  const { out } = await good(['status', '--json'], { data: phone })
  expect(JSON.parse(out).state).toBe('readOnly')
  const refused = await hypha(['put', 'a', '1'], { data: phone })
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('hypha sign-in asks for it; say yes with hypha requests')
  expect(refused.err).not.toContain('()')
})

test('what was typed before a question is there answers nothing', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const running = start(['run'], { data: laptop })
  await running.says(/Connected to/)
  const asked = start(['requests'], { data: laptop, pty: true })
  await asked.says(/Listening/)
  // A whole answer, and the beginning of another one.
  asked.type('y\ry')
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-stdin']
  start(signIn, { data: await newFolder(), input: passphrase })
  await asked.says(/later: /)
  asked.type('n\r')
  await asked.says(/Phone: declined/)
  expect(asked.out).not.toContain('authorised')
  asked.type('\u0003')
  expect(await asked.code).toBe(0)
})

test('who only wants to read is not asked for', async () => {
  const { url } = await startAlwaysOn()
  const { passphrase } = await signUp(['--connect', url])
  const phone = await newFolder()
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--passphrase-stdin', '--no-request', '--json']
  const { out } = await good(signIn, { data: phone, input: passphrase })
  expect(JSON.parse(out)).toMatchObject({ state: 'readOnly' })
  const left = await good(['sign-in', DOMAIN, '--passphrase-stdin', '--no-wait', '--json'], {
    data: phone,
    input: passphrase,
  })
  expect(JSON.parse(left.out)).toMatchObject({ state: 'awaitingAuthorisation' })
})

test('two screens ask about one request: the answer on one takes the question from the other', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const running = start(['run'], { data: laptop })
  await running.says(/Connected to/)
  const asked = start(['requests'], { data: laptop, pty: true })
  await asked.says(/Listening/)
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-stdin']
  const asking = start(signIn, { data: await newFolder(), input: passphrase })
  await asked.says(/later: /)
  const answering = await good(['requests', '--yes', '--once'], { data: laptop })
  expect(answering.out).toContain('Phone: authorised')
  await asked.says(/answered elsewhere, or taken back/)
  expect(await asking.code).toBe(0)
  // Ctrl-D.
  asked.type('\u0004')
  expect(await asked.code).toBe(0)
})

test('two nodes meet over TCP with nobody in between', async () => {
  const data = await newFolder()
  const signedUp = await good(['sign-up', DOMAIN, '--name', 'Laptop', '--json'], { data })
  const { passphrase, hyphalink, writerKey } = JSON.parse(signedUp.out)
  expect(hyphalink).toMatch(/^[0-9a-f]{64}$/)
  expect(writerKey).toMatch(/^[0-9a-f]{64}$/)
  expect(signedUp.out.trim().split('\n')).toHaveLength(1)
  await good(['put', 'a', '1'], { data })
  const port = await freePort()
  const running = start(['run', '--listen', `127.0.0.1:${port}`], { data })
  await running.says(/Laptop is origin/)
  const answering = start(['requests', '--yes', '--once'], { data })
  await answering.says(/Listening/)
  const phone = await newFolder()
  await good(
    ['sign-in', DOMAIN, '--connect', `tcp:127.0.0.1:${port}`, '--name', 'Phone', '--passphrase-stdin'],
    { data: phone, input: passphrase },
  )
  expect(await answering.code).toBe(0)
  expect((await good(['get', 'a'], { data: phone })).out).toBe('1\n')
  expect((await good(['put', 'b', '2'], { data: phone })).err).toContain('Another node has it.')
  expect((await good(['get', 'b'], { data })).out).toBe('2\n')
  // Alone, the phone keeps what it writes until the next time.
  expect(await running.end()).toBe(0)
  expect((await good(['put', 'c', '3'], { data: phone })).err).toContain('stays here until the next time')
  const again = start(['run', '--connect', 'none', '--name', 'Handset'], { data: phone })
  await again.says(/Handset is writer/)
  expect(await again.end()).toBe(0)
  expect(JSON.parse((await good(['status', '--json'], { data: phone })).out)).toMatchObject({
    connect: [],
    name: 'Handset',
    state: 'writer',
  })
})

import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { DOMAIN, good, hypha, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

const run = promisify(execFile)

/** The arguments and environments of all processes, as anybody on this machine may see them. */
const everyProcess = async (): Promise<string> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  if (pids.length === 0) return (await run('ps', ['axwwe'], { maxBuffer: 2 ** 26 })).stdout
  const files = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return texts.join('\n').replaceAll('\0', ' ')
}

test('kill -9 of a running node loses nothing, and the short commands go on without it', async () => {
  const { data } = await signUp()
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  for (let i = 0; i < 5; i++) await good(['put', `n/${i}`, String(i)], { data })
  expect(await running.end('SIGKILL')).toBe('SIGKILL')
  expect((await good(['ls', 'n/'], { data })).out).toBe('n/0\t0\nn/1\t1\nn/2\t2\nn/3\t3\nn/4\t4\n')
  await good(['put', 'n/5', '5'], { data })
  const again = start(['run'], { data })
  await again.says(/Laptop is origin/)
  expect((await good(['get', 'n/5'], { data })).out).toBe('5\n')
  expect(await again.end()).toBe(0)
})

test('a second process is refused clearly, and short ones take turns', async () => {
  const { data } = await signUp()
  await Promise.all(['a', 'b', 'c'].map((key) => good(['put', key, '1'], { data })))
  expect((await good(['ls'], { data })).out).toBe('a\t1\nb\t1\nc\t1\n')
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  for (const args of [['run'], ['sign-up', 'bob.example']]) {
    const second = await hypha(args, { data })
    expect(second.code).toBe(1)
    expect(second.err).toContain(`hypha run (process ${running.child.pid}) is running on ${data}`)
    expect(second.err.trim().split('\n')).toHaveLength(1)
  }
})

test('one command that stays is the session of another, and a folder holds one hypha', async () => {
  const { data } = await signUp()
  const watching = start(['watch'], { data })
  await watching.says(/Watching/)
  await good(['put', 'seen', '"by the other"'], { data })
  await watching.says(/seen\tby the other\n/)
  expect(JSON.parse((await good(['status', '--json'], { data })).out).session).toEqual({
    command: 'watch',
    pid: watching.child.pid,
  })
  expect(await watching.end('SIGINT')).toBe(0)
  const again = await hypha(['sign-up', DOMAIN], { data })
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toContain('holds a hypha already')
})

test('where nothing is kept, one is told how to begin, and nothing is made', async () => {
  const data = join(await newFolder(), 'nothing')
  for (const args of [['get', 'a'], ['put', 'a', '1'], ['run'], ['watch'], ['requests'], ['nodes']]) {
    const { code, err } = await hypha(args, { data })
    expect(code).toBe(1)
    expect(err).toContain('hypha sign-up')
  }
  expect(JSON.parse((await good(['status', '--json'], { data })).out)).toMatchObject({
    state: 'signedOut',
    data,
  })
  await expect(stat(data)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('no passphrase is in a process list, in a file or in what is said beside', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const phone = await newFolder()
  const asking = start(['sign-in', DOMAIN, '--connect', url, '--passphrase-stdin'], {
    data: phone,
    input: passphrase,
  })
  await asking.says(/It shows: /)
  const typing = start(['sign-in', DOMAIN, '--connect', url, '--no-request'], {
    data: await newFolder(),
    pty: true,
  })
  await typing.says(/Passphrase: /)
  typing.type(`x\u007f${passphrase}\r`)
  expect(await typing.code).toBe(0)
  expect(typing.out).toContain('Signed in')
  // What can be found at all is found.
  expect(await everyProcess()).toContain('--passphrase-stdin')
  const words = passphrase.split(' ').slice(0, 3).join(' ')
  const processes = await everyProcess()
  for (const said of [processes, asking.out, asking.err, typing.out]) expect(said).not.toContain(words)
  for (const folder of [laptop, phone]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name)
      const { mode } = await stat(path).catch(() => ({ mode: 0 }))
      expect(mode & 0o077, path).toBe(0)
      if (entry.isFile()) expect((await readFile(path)).includes(words), path).toBe(false)
    }
  }
})

test('a typing error at the terminal is told, with the word that was meant, and asked about again', async () => {
  const { passphrase } = await signUp()
  const words = passphrase.split(' ')
  const typing = start(['sign-in', DOMAIN, '--no-request'], { data: await newFolder(), pty: true })
  await typing.says(/Passphrase: /)
  typing.type(`${words.map((word, i) => (i === 2 ? `${word}q` : word)).join(' ')}\r`)
  await typing.says(new RegExp(`Word 3 .* Did you mean “${words[2]}”\\?[^]*Passphrase: `))
  typing.type(`${words.map((word, i) => `${i + 1}. ${word}`).join(' ')}\r`)
  expect(await typing.code).toBe(0)
  expect(typing.out).toContain('Signed in')
})

test('a wrong passphrase is an error, and leaves the folder for the right one', async () => {
  const { passphrase } = await signUp()
  const data = await newFolder()
  const wrong = await hypha(['sign-in', DOMAIN, '--passphrase-stdin'], { data, input: 'one two three' })
  expect(wrong.code).toBe(1)
  expect(wrong.out).toBe('')
  expect(wrong.err).not.toContain('two')
  const right = await good(['sign-in', DOMAIN, '--passphrase-stdin', '--no-request'], {
    data,
    input: passphrase,
  })
  expect(right.out).toContain('Signed in')
})

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { harmless, jsonLine, plainValue } from '../../src/cli/output.js'
import { DOMAIN, good, hypha, newFolder, signUp, start } from './hypha.js'

const COMMANDS = [
  'always-on',
  'sign-up',
  'sign-in',
  'run',
  'put',
  'get',
  'del',
  'ls',
  'watch',
  'nodes',
  'requests',
  'status',
]

test('every command has help with an example, and the whole says what exit codes mean', async () => {
  const { out } = await good(['--help'])
  expect(out).toContain('Exit codes')
  expect((await good(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  for (const command of COMMANDS) expect(out).toContain(`  ${command} `)
  const helps = await Promise.all(COMMANDS.map((command) => good([command, '--help'])))
  for (const [i, help] of helps.entries()) {
    expect(help.out).toContain('Example:')
    expect(help.out).toContain(`hypha ${COMMANDS[i]}`)
    expect(help.out).toContain('--data')
  }
})

test.each([
  [['sgn-up'], /Did you mean sign-up/],
  [['get'], /missing required argument/],
  [['get', 'a', 'b'], /too many arguments/],
  [['ls', '--no-such-option'], /unknown option/],
  [['sign-up', DOMAIN, '--connect', 'ftp://example.org'], /--connect takes/],
  [['sign-up', DOMAIN, '--connect', 'http://alice:geheim@example.org'], /--connect takes/],
  [['sign-up', DOMAIN, '--connect', 'tcp:nowhere'], /--connect takes/],
  [['sign-up', DOMAIN, '--listen', 'nowhere'], /--listen/],
  [['sign-in', DOMAIN], /no terminal/],
  [['sign-in', DOMAIN, '--passphrase-fd', 'three'], /file descriptor/],
  [['sign-in', DOMAIN, '--passphrase', 'geheim'], /never an argument/],
  [['sign-in', DOMAIN, '--passphrase=geheim'], /never an argument/],
  [['sign-in', '--password', 'geheim', DOMAIN], /never an argument/],
  [['requests', '--list', '--once'], /--list/],
])('%j is a sentence and exit code 2', async (args, sentence) => {
  const data = join(await newFolder(), 'data')
  const { code, out, err } = await hypha(args, { data })
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toMatch(sentence)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).not.toContain('geheim')
})

test('values are JSON if they parse, and strings else; what comes out is what went in', async () => {
  const { data } = await signUp()
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  const evil = 'red \u001b[31m and \u202e back\r\n\u009b1m'
  for (const [args, input, value] of [
    [['{"a":[1,null]}'], '', { a: [1, null] }],
    [['plain words'], '', 'plain words'],
    [['--string', '5'], '', '5'],
    [['--public', 'true'], '', true],
    [['-'], '{"from":"stdin"}\n', { from: 'stdin' }],
    [['-'], evil, evil],
    [['--', '-7'], '', -7],
  ] as const) {
    const [first = '', ...rest] = args
    const before = first === '--' ? ['put', '--', 'k'] : ['put', 'k', first]
    await good([...before, ...rest], { data, input })
    const { out } = await good(['get', 'k', '--json'], { data })
    expect(JSON.parse(out)).toEqual(value)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would act on
    expect(out.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  }
  await good(['put', 'key \u202e', '-'], { data, input: evil })
  const { out } = await good(['ls'], { data })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would act on
  expect(out.replace(/[\n\t]/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  const missing = await hypha(['get', 'nowhere'], { data })
  expect(missing).toMatchObject({ code: 3, out: '' })
})

test('who reads no further ends the list, quietly', async () => {
  const { data } = await signUp()
  const running = start(['run'], { data })
  await running.says(/Laptop is origin/)
  await good(['put', 'a', '-'], { data, input: 'x'.repeat(900_000) })
  await good(['put', 'b', '-'], { data, input: 'x'.repeat(900_000) })
  const listing = start(['ls'], { data })
  listing.child.stdout?.once('data', () => listing.child.stdout?.destroy())
  expect(await listing.code).toBe(0)
  expect(listing.err).toBe('')
})

test('long folders work as short ones do', async () => {
  const data = join(await newFolder(), 'x'.repeat(80), 'y'.repeat(80))
  await mkdir(data, { recursive: true })
  await good(['sign-up', DOMAIN], { data })
  const running = start(['run', '--data', data])
  await running.says(/is origin/)
  await good(['put', 'a', '1', '--data', data])
  expect((await good(['status', '--data', data])).out).toContain(`process ${running.child.pid}`)
})

test('what can not be seen is shown as an escape, and JSON stays the same value', () => {
  expect(harmless('a\u001b[31mb\u200b\n')).toBe('a\\u001b[31mb\\u200b\\n')
  expect(harmless('é 漢字 👍')).toBe('é 漢字 👍')
  expect(JSON.parse(jsonLine('\u009b\u202e\u2028\u{e0001}'))).toBe('\u009b\u202e\u2028\u{e0001}')
  expect(plainValue({ a: '\u0007' })).toBe('{"a":"\\u0007"}')
})

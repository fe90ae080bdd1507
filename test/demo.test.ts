import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createTrace, isColoured } from '../demo/trace.js'
import { loadWords } from '../src/protocol/words.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The nodes' processes that a demo has started, with their arguments, as the system sees them. */
const nodesOf = (parent: number) =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , ppid, args]) => Number(ppid) === parent && args?.includes('-process.ts'))
    .map(([, pid, , args]) => ({ pid: Number(pid), args: args ?? '' }))

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Runs the demo to its end. `onLine` hears each line of the trace as it comes. */
const run = async (args: string[], onLine: (line: string, pid: number) => void = () => {}) => {
  const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], { cwd: root })
  const seen = { out: '', error: '' }
  demo.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.out += text
    for (const line of text.split('\n')) onLine(line, demo.pid ?? 0)
  })
  demo.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.error += text
  })
  const [code] = await once(demo, 'close')
  return { code, ...seen }
}

it('plays the flow: sign up, authorise, lose the origin, authorise on another device', async () => {
  const processes = new Map<number, string>()
  const { code, out, error } = await run(['--seconds', '150'], (line, pid) => {
    if (!/types the passphrase|is writer|is gone/.test(line)) return
    for (const child of nodesOf(pid)) processes.set(child.pid, child.args)
  })
  expect({ code, error }).toEqual({ code: 0, error: '' })

  const lines = out.trimEnd().split('\n')
  const trace = lines.slice(0, -2)
  // Aligned: the time in nine columns, the name from the twelfth, what happened from the twenty-eighth.
  for (const line of trace) expect(line).toMatch(/^[ \d]{3}\.\d{3} s {2}(?=.{16}\S)[a-zA-Z-]+ {2,}\S/)

  const story = [
    /always-on +is at http:\/\/127\.0\.0\.1:\d+, and at TCP port \d+/,
    /laptop +is origin/,
    /laptop +signed Alice up/,
    /laptop +writes notes\/laptop/,
    /phone +is awaitingAuthorisation/,
    /laptop +asks Alice: may “Alice’s phone” write\? Its words: ([a-z-]+ ){4}[a-z-]+$/,
    /Alice +.* authorises the phone, on the laptop/,
    /phone +was authorised by Alice’s laptop/,
    /phone +writes notes\/phone/,
    /laptop +has notes\/phone = "written on the phone"/,
    /laptop +is gone/,
    /tablet +is awaitingAuthorisation/,
    /phone +asks Alice: may “Alice’s tablet” write/,
    /Alice +.* authorises the tablet, on the phone/,
    /tablet +was authorised by Alice’s phone/,
    /tablet +writes notes\/tablet/,
    /phone +has notes\/tablet = "written on the tablet"/,
    /tablet +lists notes\/laptop, notes\/phone, notes\/tablet/,
    /tablet +is closed/,
  ]
  let at = -1
  for (const expected of story) {
    const found = trace.findIndex((line, index) => index > at && expected.test(line))
    expect(found, `${expected} after line ${at + 1} of\n${out}`).toBeGreaterThan(at)
    at = found
  }
  expect(lines.at(-1)).toMatch(/^The demo went well in \d+\.\d s\. All 3 entries/)

  // The passphrase is nine words of the list; the words to compare are five.
  const words = new Set(await loadWords())
  let longest = 0
  let length = 0
  for (const word of `${out} ${[...processes.values()].join(' ')}`.split(/\s+/)) {
    length = words.has(word) ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  expect(longest).toBe(5)

  expect(processes.size).toBe(4)
  expect([...processes.keys()].filter(isAlive)).toEqual([])
}, 180_000)

it('leaves no process when it is stopped half-way', async () => {
  let children: number[] = []
  const { code, error } = await run(['--seconds', '150'], (line, pid) => {
    if (!line.includes('is opening') || children.length > 0) return
    children = nodesOf(pid).map((child) => child.pid)
    process.kill(pid, 'SIGTERM')
  })
  expect(code).toBe(1)
  expect(error).toContain('The demo failed. It was stopped.')
  expect(children).toHaveLength(2)
  expect(children.filter(isAlive)).toEqual([])
}, 180_000)

it('gives up in time', async () => {
  const { code, error } = await run(['--seconds', '0'])
  expect(code).toBe(1)
  expect(error).toContain('The demo failed. It took longer than 0 seconds.')
})

it('colours a terminal that wants it', () => {
  expect(isColoured({ isTTY: true }, {})).toBe(true)
  expect(isColoured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(isColoured({}, {})).toBe(false)
  const lines: string[] = []
  createTrace((text) => lines.push(text), true).line('phone', 'is writer')
  expect(lines.join('').replaceAll('\x1b', '^')).toMatch(/\^\[\d+mphone +\^\[0m {2}is writer\n$/)
})

it('says why it failed, and leaves no process', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  try {
    const { code, error } = await run(['--port', port])
    expect(code).toBe(1)
    expect(error).toContain('The demo failed. always-on: ')
    expect(error).toContain(port)
    expect(error).not.toContain('    at ')
  } finally {
    taken.close()
  }
})

it('explains itself', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('npm run demo') })
  const wrong = await run(['--port', 'x'])
  expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining('--port takes a number') })
})

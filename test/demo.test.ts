import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createTrace, isColoured } from '../demo/trace.js'
import { loadWords } from '../src/protocol/words.js'
import { parseSession } from '../src/ui-bridge/inspector/index.js'
import { type Viewer, view } from './ui-bridge/inspector/world.js'

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

it('shows all four in one inspector, and records what it shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-demo-'))
  const file = join(folder, 'session.json')
  let watching: Promise<Viewer> | undefined
  try {
    const { code, out, error } = await run(
      ['--seconds', '150', '--inspect', '--record', file],
      (line, pid) => {
        const url = /in the inspector at (\S+)$/.exec(line)?.[1]
        if (url !== undefined) watching = view(url)
        // All is over, and it is still there to be looked at.
        if (/the inspector stays until Ctrl-C/.test(line))
          void watching
            ?.then((viewer) => viewer.sees(({ collection }) => collection.nodes.size === 4))
            .then(() => process.kill(pid, 'SIGINT'))
      },
    )
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).toMatch(/always-on +recorded it all in /)

    const { recordings } = parseSession(await readFile(file, 'utf8'))
    const eventsOf = (name: string) => recordings.find(({ node }) => node.name === name)?.events ?? []
    expect(recordings.map(({ node }) => `${node.kind} ${node.name}`).sort()).toEqual([
      'always-on always-on',
      'node Alice’s laptop',
      'node Alice’s phone',
      'node Alice’s tablet',
    ])
    const framesOf = (name: string, what: string, kind?: string) =>
      eventsOf(name).flatMap((event) =>
        event.type === 'hypha.message' && event.what === what && event.kind === kind ? [event.frame] : [],
      )
    for (const [asker, writer] of [
      ['Alice’s phone', 'Alice’s laptop'],
      ['Alice’s tablet', 'Alice’s phone'],
    ] as const) {
      const relayed = framesOf('always-on', 'relayed')
      const asked = framesOf(asker, 'sent', 'request').filter((frame) => relayed.includes(frame))
      expect(framesOf(writer, 'received', 'request').some((frame) => asked.includes(frame))).toBe(true)
      // The laptop was killed right after its answer: what it did in its last moment may not have left it.
      const answered = framesOf(asker, 'received', 'decision')
      expect(answered.some((frame) => relayed.includes(frame))).toBe(true)
    }
    const states = (name: string) =>
      eventsOf(name).flatMap((event) =>
        event.type === '@xstate.snapshot' ? [JSON.stringify(event.snapshot.value)] : [],
      )
    expect(states('Alice’s laptop').join()).toContain('origin')
    for (const name of ['Alice’s phone', 'Alice’s tablet']) {
      expect(states(name).join()).toContain('awaitingAuthorisation')
      expect(states(name).join()).toContain('writer')
      // It left as one does.
      expect(eventsOf(name).at(-1)?.type).toBe('hypha.death')
    }
    const words = new Set(await loadWords())
    let length = 0
    for (const word of (await readFile(file, 'utf8')).split(/[^a-z-]+/)) {
      length = words.has(word) ? length + 1 : 0
      expect(length).toBeLessThan(5)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
  const nowhere = await run(['--record', '/nowhere/at/all.json'])
  expect(nowhere).toMatchObject({ code: 1, error: expect.stringContaining('--record takes a file') })
})

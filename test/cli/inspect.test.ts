import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSession } from '../../src/ui-bridge/inspector/index.js'
import { type Viewer, view } from '../ui-bridge/inspector/world.js'
import { atEnd, good, hypha, newFolder, type Run, signUp, start } from './hypha.js'

const URL_LINE = /^The inspector is at (http:\/\/127\.0\.0\.1:\d+\/inspect#token=[\w-]{22})$/m

const inspecting = async (args: readonly string[], data?: string): Promise<{ run: Run; url: string }> => {
  const run = start(['inspect', '--port', '0', ...args], data === undefined ? {} : { data })
  const [, url = ''] = await run.says(URL_LINE)
  return { run, url }
}

const running = async (data: string): Promise<Run> => {
  const run = start(['run'], { data })
  await run.says(/Laptop is origin/)
  return run
}

const only = ({ collection }: Viewer) => [...collection.nodes.values()][0]

const isThere = (viewer: Viewer) => only(viewer)?.recording.node.name === 'Laptop'

test('it shows the node that another command runs, until either ends', async () => {
  const { data } = await signUp(['--listen', '127.0.0.1:0'])
  const node = await running(data)
  const { run, url } = await inspecting([], data)
  await run.says(/It shows the node of hypha run \(process \d+\)/)
  const viewer = await view(url)
  await viewer.sees(isThere)
  const known = only(viewer)?.recording.before.length ?? 0
  expect(known).toBeGreaterThan(2)
  // A second window, and a second command.
  const other = await view((await inspecting([], data)).url)
  await other.sees(isThere)
  const before = only(viewer)?.recording.events.length ?? 0
  await good(['transports', 'tcp', 'off'], { data })
  await viewer.sees((seen) => (only(seen)?.recording.events.length ?? 0) > before)
  expect(await run.end('SIGINT')).toBe(0)
  expect(run.out.trim().split('\n')).toHaveLength(1)
  expect((await good(['status'], { data })).out).toMatch(/^running +hypha run/m)
  await node.end('SIGINT')
  await other.sees((seen) => only(seen)?.isGone === true)
})

test('when the node ends what it did stays to be looked at', async () => {
  const { data } = await signUp()
  const node = await running(data)
  const { run, url } = await inspecting([], data)
  await (await view(url)).sees(isThere)
  await node.end('SIGTERM')
  await run.says(/That node has ended\./)
  const late = await view(url)
  await late.sees((seen) => isThere(seen) && only(seen)?.isGone === true)
  expect(await run.end('SIGTERM')).toBe(0)
})

test('with no node running it runs one, which the other commands then use', async () => {
  const { data } = await signUp()
  const { run, url } = await inspecting([], data)
  const viewer = await view(url)
  await viewer.sees(isThere)
  expect((await good(['status'], { data })).out).toMatch(/^running +hypha inspect, process \d+$/m)
  await good(['put', 'notes/1', 'hello'], { data })
  expect(await run.end('SIGINT')).toBe(0)
  expect((await good(['get', 'notes/1'], { data })).out).toBe('hello\n')
})

test('what was saved is opened again, as it was', async () => {
  const { data, passphrase } = await signUp()
  const { url } = await inspecting([], data)
  const viewer = await view(url)
  await viewer.sees(isThere)
  const file = join(await newFolder(), 'session.json')
  const recordings = viewer.collection.recordings()
  await writeFile(file, JSON.stringify(createSession(recordings)))
  expect(await readFile(file, 'utf8')).not.toContain(passphrase)
  const opened = await inspecting([file])
  const again = await view(opened.url)
  await again.sees((seen) => only(seen)?.isGone === true)
  expect(again.collection.recordings()).toEqual(JSON.parse(JSON.stringify(recordings)))
  expect(await opened.run.end('SIGINT')).toBe(0)
})

test('what goes wrong is one sentence that says what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  atEnd(async () => void holder.close())
  const address = holder.address()
  const port = String(typeof address === 'object' ? address?.port : 0)
  const { data } = await signUp()
  const folder = await newFolder()
  const [broken, old] = [join(folder, 'broken.json'), join(folder, 'old.json')]
  await writeFile(broken, '{"format":')
  await writeFile(old, JSON.stringify({ ...createSession([]), version: 2 }))
  const ended = await Promise.all([
    hypha(['inspect'], { data: folder }),
    hypha(['inspect', '--port', port], { data }),
    hypha(['inspect', broken]),
    hypha(['inspect', old]),
    hypha(['inspect', join(folder, 'missing.json')]),
    hypha(['inspect', folder]),
    hypha(['inspect', '--port', '70000']),
    hypha(['inspect', 'a.json', 'b.json']),
    hypha(['always-on', '--port', '0', '--inspect', '--host', '0.0.0.0']),
  ])
  expect(ended.map(({ code }) => code)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 1])
  const says = [
    /hypha sign-up/,
    new RegExp(port),
    /session/,
    /version/,
    /can't be read/,
    /can't be read/,
    /65535/,
    /too many/,
    /this machine alone/,
  ]
  for (const [i, { out, err }] of ended.entries()) {
    expect(out).toBe('')
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toMatch(says[i]!)
    expect(err).not.toContain('    at ')
  }
})

test('an always-on node shows itself when it is asked to', async () => {
  const server = start(['always-on', '--port', '0', '--inspect'])
  await server.says(/free for hyphas to claim\n/)
  const url = URL_LINE.exec(server.out)?.[1] ?? ''
  const viewer = await view(url)
  await viewer.sees((seen) => only(seen)?.recording.node.kind === 'always-on')
  expect(await server.end('SIGINT')).toBe(0)
  const without = start(['always-on', '--port', '0'])
  await without.says(/free for hyphas to claim\n/)
  expect(without.out).not.toContain('inspect')
})

test('it explains itself', async () => {
  const { code, out } = await hypha(['inspect', '--help'])
  expect(code).toBe(0)
  for (const said of ['[file]', '--port', '--data', '4281', 'Example:']) expect(out).toContain(said)
})

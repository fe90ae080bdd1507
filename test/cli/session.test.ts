import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { makePrivateFolder } from '../../src/cli/data-folder.js'
import { findSession } from '../../src/cli/session/client.js'
import { createJoin, piecesOf } from '../../src/cli/session/inspecting.js'
import { createOperations, type Operations } from '../../src/cli/session/operations.js'
import { type Desk, MAX_CALLS, MAX_LINE_BYTES, PIECE_LENGTH } from '../../src/cli/session/protocol.js'
import { serveSession } from '../../src/cli/session/server.js'
import { type SocketPlace, socketPlace } from '../../src/cli/session/socket-path.js'
import { createNode, type HyphaNode } from '../../src/index.js'
import { type HubMessage, parseHubMessage } from '../../src/ui-bridge/inspector/wire.js'

const ends: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-session-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const signedUp = async (): Promise<HyphaNode> => {
  const node = createNode({ name: 'Alice’s laptop' })
  ends.push(() => node.close())
  await node.signUp({ domain: 'alice.example' })
  return node
}

const serve = async (operations: Operations, place?: SocketPlace): Promise<SocketPlace> => {
  const chosen = place ?? socketPlace(await newFolder(), process.platform)
  const server = await serveSession(chosen, operations, { command: 'run', pid: process.pid })
  ends.push(() => server.close())
  return chosen
}

const find = async (place: SocketPlace): Promise<Desk> => {
  const desk = await findSession(place)
  if (!desk) throw new Error('No session.')
  ends.push(() => desk.close())
  return desk
}

const raw = async (place: SocketPlace): Promise<Socket> => {
  const socket = connect(place.path)
  ends.push(async () => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket.resume(), 'close')
}

test('a command writes, reads and lists on the node that another one runs', async () => {
  const node = await signedUp()
  const desk = await find(await serve(createOperations(node)))
  expect(desk.session).toEqual({ command: 'run', pid: process.pid })
  await desk.call('put', { key: 'notes/1', value: { text: 'hello' }, public: false })
  await desk.call('put', { key: 'notes/2', value: 'there', public: true })
  expect(await node.get('notes/1')).toEqual({ text: 'hello' })
  expect(await desk.call('get', { key: 'notes/1' })).toEqual({ found: true, value: { text: 'hello' } })
  expect(await desk.call('get', { key: 'notes/9' })).toEqual({ found: false })
  const listed: string[] = []
  await desk.call('ls', { prefix: 'notes/' }, { onItem: ({ key }) => void listed.push(key) })
  expect(listed).toEqual(['notes/1', 'notes/2'])
  await desk.call('del', { key: 'notes/1' })
  expect(await node.get('notes/1')).toBeUndefined()
  expect(await desk.call('nodes', {})).toEqual(node.nodes())
  expect((await desk.call('status', {})).state).toBe('origin')
})

test('a value at its limit crosses, and errors do with their codes', async () => {
  const node = await signedUp()
  const desk = await find(await serve(createOperations(node)))
  const value = 'é'.repeat(512 * 1024 - 1)
  await desk.call('put', { key: 'large', value, public: false })
  expect(await desk.call('get', { key: 'large' })).toEqual({ found: true, value })
  await expect(desk.call('put', { key: '', value: 1, public: false })).rejects.toMatchObject({
    code: 'KEY_INVALID',
  })
  await expect(desk.call('authorise', { id: 'nobody' })).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
  await expect(desk.call('toString' as 'nodes', {})).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('who watches hears what changes, until it has heard enough', async () => {
  const node = await signedUp()
  const desk = await find(await serve(createOperations(node)))
  const controller = new AbortController()
  const heard: unknown[] = []
  const watching = desk.call(
    'watch',
    { prefix: 'a/' },
    {
      signal: controller.signal,
      onItem: async (change) => {
        heard.push(change)
        if (change === null) {
          await node.put('b/1', 1)
          await node.put('a/1', 'x')
          await node.del('a/1')
        } else if (change.deleted) controller.abort()
      },
    },
  )
  expect(await watching).toBeNull()
  expect(heard).toEqual([null, { key: 'a/1', value: 'x', deleted: false }, { key: 'a/1', deleted: true }])
})

test('what a node does is streamed, however long its recording, until it has been seen', async () => {
  const node = await signedUp()
  const place = await serve(createOperations(node))
  const desk = await find(place)
  const controller = new AbortController()
  const join = createJoin()
  const messages: HubMessage[] = []
  const inspecting = desk.call(
    'inspect',
    {},
    {
      signal: controller.signal,
      onItem: (piece) => {
        expect(piece.text.length).toBeLessThanOrEqual(PIECE_LENGTH)
        const text = join(piece)
        const message = text === undefined ? undefined : parseHubMessage(text)
        if (message) messages.push(message)
        // Its end is seen, too.
        if (messages.length === 1) void node.close()
      },
    },
  )
  await expect(inspecting).rejects.toMatchObject({ code: 'CLOSED' })
  expect(messages[0]).toMatchObject({ type: 'recording', recording: { node: { name: 'Alice’s laptop' } } })
  expect(JSON.stringify(messages)).toContain('closed')

  const other = await signedUp()
  const enough = new AbortController()
  const second = await find(await serve(createOperations(other)))
  await expect(
    second.call('inspect', {}, { signal: enough.signal, onItem: () => enough.abort() }),
  ).resolves.toBeNull()
  expect(await second.call('get', { key: 'a' })).toEqual({ found: false })
})

test('a long text in pieces is the same text', async () => {
  const text = `"${'é\ud83c\udf44\\'.repeat(PIECE_LENGTH / 2)}"`
  const message = { type: 'gone', rootId: text }
  const join = createJoin()
  const pieces = [...piecesOf(JSON.stringify(message))]
  expect(pieces.length).toBeGreaterThan(2)
  for (const piece of pieces) expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThan(MAX_LINE_BYTES)
  const whole = pieces.map((piece) => join(JSON.parse(JSON.stringify(piece))))
  expect(whole.slice(0, -1).every((part) => part === undefined)).toBe(true)
  expect(JSON.parse(whole.at(-1) ?? '')).toEqual(message)
})

test('a client that vanishes ends its streams, and the others go on', async () => {
  const node = await signedUp()
  const real = createOperations(node)
  let ended = () => {}
  const over = new Promise<void>((resolve) => {
    ended = resolve
  })
  const place = await serve({
    ...real,
    watch: async (params, call) => {
      call.signal.addEventListener('abort', ended)
      return real.watch(params, call)
    },
  })
  const desk = await find(place)
  const socket = await raw(place)
  socket.write(`${JSON.stringify({ id: 1, method: 'watch', params: { prefix: '' } })}\n`)
  await once(socket, 'data')
  socket.destroy()
  await over
  expect((await desk.call('status', {})).state).toBe('origin')
})

test('a node that is closed ends what is asked of it with an error', async () => {
  const node = await signedUp()
  const desk = await find(await serve(createOperations(node)))
  const requests = desk.call('requests', {})
  await desk.call('status', {})
  await node.close()
  await expect(requests).rejects.toMatchObject({ code: 'CLOSED' })
})

const NONSENSE: Record<string, string> = {
  'no JSON': 'hello\n',
  'an array': '[]\n',
  'no id': '{"method":"status","params":{}}\n',
  'an id that is no number': '{"id":"1","method":"status"}\n',
  'an id of the prototype': '{"__proto__":{"id":1,"method":"status"}}\n',
  'no method': '{"id":1}\n',
  'deep nesting': `{"id":1,"method":"put","params":${'['.repeat(200)}${']'.repeat(200)}}\n`,
  'no UTF-8': '{"id":1,"method":"\xff"}\n',
  'a line without end': 'x'.repeat(MAX_LINE_BYTES + 1),
  'one id twice': '{"id":1,"method":"watch","params":{"prefix":""}}\n'.repeat(2),
  'too many calls': Array.from(
    { length: MAX_CALLS + 1 },
    (_, i) => `{"id":${i + 1},"method":"watch","params":{"prefix":""}}\n`,
  ).join(''),
}

test.each(Object.entries(NONSENSE))('%s ends that client alone', async (_, nonsense) => {
  const node = await signedUp()
  const place = await serve(createOperations(node))
  const desk = await find(place)
  const socket = await raw(place)
  socket.write(Buffer.from(nonsense, 'latin1'))
  await closed(socket)
  expect((await desk.call('status', {})).state).toBe('origin')
})

test('params that are none are an error of that call', async () => {
  const node = await signedUp()
  const place = await serve(createOperations(node))
  const socket = await raw(place)
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  socket.write('{"id":1,"method":"get","params":{"key":5}}\n{"id":2,"method":"put","params":null}\n')
  while (said.split('\n').length < 4) await once(socket, 'data')
  const lines = said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual({ id: 1, error: expect.objectContaining({ code: 'OPTION_INVALID' }) })
  expect(lines).toContainEqual({ id: 2, error: expect.objectContaining({ code: 'OPTION_INVALID' }) })
})

test('the socket is its owner’s alone, and what a killed session left is replaced', async () => {
  const node = await signedUp()
  const folder = await newFolder()
  const place = socketPlace(folder, process.platform)
  expect(await findSession(place)).toBeUndefined()
  await makePrivateFolder(dirname(place.path))
  await writeFile(place.path, '')
  expect(await findSession(place)).toBeUndefined()
  await serve(createOperations(node), place)
  expect((await stat(place.path)).mode & 0o777).toBe(0o600)
  expect((await stat(dirname(place.path))).mode & 0o777).toBe(0o700)
  expect((await find(place)).session?.pid).toBe(process.pid)
})

test('a path that is too long for a socket has a short one in its place', async () => {
  const node = await signedUp()
  const folder = join(await newFolder(), 'x'.repeat(60), 'y'.repeat(60))
  const place = socketPlace(folder, process.platform)
  ends.push(() => rm(dirname(place.path), { recursive: true, force: true }))
  expect(Buffer.byteLength(place.path)).toBeLessThan(104)
  expect(socketPlace(folder, process.platform)).toEqual(place)
  expect(socketPlace(`${folder}z`, process.platform)).not.toEqual(place)
  await serve(createOperations(node), place)
  await find(place)
  // Somebody else could have made that folder: an open one is not trusted.
  await chmod(dirname(place.path), 0o777)
  await expect(findSession(place)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
})

test.each([
  ['{"hypha":2,"command":"run","pid":1}\n', 'another version'],
  ['HTTP/1.1 400 Bad Request\n', 'no session'],
])('what greets with %s is not taken for a session', async (greeting, reason) => {
  const place = socketPlace(await newFolder(), process.platform)
  await makePrivateFolder(dirname(place.path))
  const server = createServer((socket) => socket.on('error', () => {}).end(greeting)).listen(place.path)
  await once(server, 'listening')
  ends.push(() => new Promise((resolve) => server.close(resolve)))
  await expect(findSession(place)).rejects.toThrow(reason)
})

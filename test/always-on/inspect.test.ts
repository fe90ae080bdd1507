import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createNode, type HyphaNode, webSocket } from '../../src/index.js'
import { inspect } from '../../src/ui-bridge/inspector/index.js'
import { publish } from '../../src/ui-bridge/inspector/publish.js'
import { atEnd, tokenOf, type Viewer, view } from '../ui-bridge/inspector/world.js'
import { start } from './world.js'

const builtPage = async () => {
  const outside = await mkdtemp(join(tmpdir(), 'hypha-inspector-'))
  atEnd(() => rm(outside, { recursive: true, force: true }))
  await writeFile(join(outside, 'secret.txt'), 'secret')
  const folder = join(outside, 'page')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>The inspector</title>')
  await writeFile(join(folder, 'assets/main-a1b2c3.js'), 'export const answer = 42\n')
  return folder
}

const device = (name: string, url: string): HyphaNode => {
  const node = createNode({ name, transports: [webSocket(url)] })
  atEnd(() => node.close())
  return node
}

const show = (node: HyphaNode, url: string) => {
  const inspection = inspect(node)
  const stop = publish(inspection, { url, token: tokenOf(url) })
  atEnd(async () => {
    await stop()
    inspection.detach()
  })
}

const came = (node: HyphaNode, event: 'authorised' | 'authorisation-requested') =>
  new Promise<{ id?: string }>((resolve) => {
    const stop = node.on(event, (told: unknown) => {
      stop()
      resolve(told as { id?: string })
    })
  })

/** The frames of messages that passed a node by its recording, by what happened to them. */
const framesOf = ({ collection }: Viewer, name: string, what: string, kind?: string): string[] =>
  [...collection.nodes.values()]
    .filter(({ recording }) => recording.node.name === name)
    .flatMap(({ recording }) => recording.events)
    .flatMap((event) =>
      event.type === 'hypha.message' && event.what === what && (kind === undefined || event.kind === kind)
        ? [event.frame]
        : [],
    )

test('one request is seen on who asks, on the always-on node between, and on who may say yes', async () => {
  const alwaysOn = await start({ inspect: true })
  const url = alwaysOn.inspectorUrl ?? ''
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/inspect#token=[\w-]{22}$/)
  expect(url.startsWith(alwaysOn.url)).toBe(true)
  const viewer = await view(url)
  const laptop = device('Laptop', alwaysOn.url)
  show(laptop, url)
  const { passphrase, hyphalink } = await laptop.signUp({ domain: 'alice.example' })
  const asked = came(laptop, 'authorisation-requested')
  const phone = device('Phone', alwaysOn.url)
  show(phone, url)
  await phone.signIn({ domain: 'alice.example', passphrase })
  const { id = '' } = await asked
  const authorised = came(phone, 'authorised')
  await laptop.authorise(id)
  await authorised
  await viewer.sees((seen) => {
    const requests = framesOf(seen, 'Phone', 'sent', 'request')
    return requests.some(
      (frame) =>
        framesOf(seen, 'always-on', 'relayed').includes(frame) &&
        framesOf(seen, 'Laptop', 'received', 'request').includes(frame),
    )
  })
  await viewer.sees((seen) => {
    const decisions = framesOf(seen, 'Laptop', 'sent', 'decision')
    return decisions.some(
      (frame) =>
        framesOf(seen, 'always-on', 'relayed').includes(frame) &&
        framesOf(seen, 'Phone', 'received', 'decision').includes(frame),
    )
  })
  expect([...viewer.collection.nodes.values()].map(({ recording }) => recording.node.kind).sort()).toEqual([
    'always-on',
    'node',
    'node',
  ])
  const text = JSON.stringify(viewer.collection.recordings())
  expect(text).not.toContain(hyphalink)
  const words = passphrase.split(' ')
  for (let i = 0; i + 3 <= words.length; i++) expect(text).not.toContain(words.slice(i, i + 3).join(' '))
})

test('it serves the page and its files, and nothing beside them', async () => {
  const page = await builtPage()
  const { url } = await start({ inspect: { page } })
  for (const path of ['/inspect', '/inspect/', '/inspect?x=1']) {
    const answer = await fetch(url + path)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('The inspector')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
  const script = await fetch(`${url}/inspect/assets/main-a1b2c3.js`)
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(script.headers.get('cache-control')).toContain('immutable')
  for (const path of [
    '/inspect/nothing',
    '/inspect/..%2fsecret.txt',
    '/inspect//index.html',
    '/inspect/socket',
  ])
    expect((await fetch(url + path)).status, path).toBe(404)
  // What is at the root is the app's.
  expect((await fetch(`${url}/assets/main-a1b2c3.js`)).status).toBe(404)
})

test('where the page has not been built it says so, and what to do', async () => {
  const page = await builtPage()
  await rm(join(page, 'index.html'))
  await rm(join(page, 'assets'), { recursive: true })
  const { url } = await start({ inspect: { page } })
  const answer = await fetch(`${url}/inspect`)
  expect(answer.status).toBe(503)
  expect(await answer.text()).toMatch(/npm run build/)
  // Built meanwhile.
  await writeFile(join(page, 'index.html'), 'built')
  expect(await (await fetch(`${url}/inspect`)).text()).toBe('built')
})

test('closed, it leaves no handle, whoever was connected', async () => {
  const program = fileURLToPath(new URL('inspect-program.ts', import.meta.url))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program])
  expect({ stdout, stderr }).toEqual({ stdout: 'closed', stderr: '' })
})

test('without inspect there is none, and who publishes is told so instead of being taken for a peer', async () => {
  const { url, inspectorUrl, errors } = await start()
  expect(inspectorUrl).toBeUndefined()
  const answer = await fetch(`${url}/inspect`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toMatch(/--inspect/)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/inspect/socket`)
  const [error] = await once(socket, 'error')
  expect(error.message).toMatch(/403/)
  expect(errors).toEqual([])
})

test.each([
  '0.0.0.0',
  '::',
  '192.168.0.1',
  'localhost.example.org',
])('it is not for who comes to %s', async (host) => {
  await expect(start({ host, inspect: true })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/this machine alone/),
  })
})

test.each(['::1', 'localhost'])('it is at %s too', async (host) => {
  const { inspectorUrl = '' } = await start({ host, inspect: true })
  const viewer = await view(inspectorUrl)
  await viewer.sees(({ collection }) => collection.nodes.size === 1)
})

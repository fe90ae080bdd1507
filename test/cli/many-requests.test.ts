import { afterEach, expect, test } from 'vitest'
import { createNode, type HyphaNode, webSocket } from '../../src/index.js'
import { DOMAIN, good, signUp, start, startAlwaysOn } from './hypha.js'

const nodes: HyphaNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

const reached = (node: HyphaNode, state: HyphaNode['state']) =>
  new Promise<void>((resolve) => {
    const stop = node.subscribe(() => look())
    const look = () => {
      if (node.state !== state) return
      stop()
      resolve()
    }
    look()
  })

test('of many that ask, one is found by its words, and the others are declined at once', async () => {
  const { url } = await startAlwaysOn()
  const { data, passphrase } = await signUp(['--connect', url])
  const running = start(['run'], { data })
  await running.says(/Connected to/)
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Laptop']) {
    const node = createNode({ name, transports: [webSocket(url)] })
    nodes.push(node)
    await node.signIn({ domain: DOMAIN, passphrase })
  }
  const listening = start(['requests'], { data })
  await listening.says(/“Five”/)
  await new Promise<void>((resolve, reject) => {
    const look = async () => {
      const { out } = await good(['status', '--json'], { data })
      if (JSON.parse(out).requestsWaiting === 2) resolve()
      else setTimeout(() => look().catch(reject), 100)
    }
    look().catch(reject)
  })
  expect((await good(['status'], { data })).out).toMatch(/asks +2 more, until there is room/)
  const listed = await good(['requests', '--list'], { data })
  expect(listed.err).toContain('2 more wait until there is room')
  expect(listed.out).not.toContain('“Six”')
  // Whoever listens is told, too.
  expect(listening.err).toMatch(/(One more waits|2 more wait) until there is room/)

  const words = nodes[5]?.request()?.words.join(' ') ?? ''
  const picked = await good(['requests', '--yes', '--words', words.toUpperCase()], { data })
  expect(picked.out).toBe('Six: authorised\n')
  await reached(nodes[5]!, 'writer')
  expect(nodes.filter(({ state }) => state === 'writer')).toHaveLength(1)

  await good(['requests', '--decline-all'], { data })
  await Promise.all(nodes.slice(0, 5).map((node) => reached(node, 'readOnly')))
  expect(await start(['requests', '--decline-all', '--yes'], { data }).code).toBe(2)
})

test('a device whose name is another’s is marked where the person looks at it', async () => {
  const { url } = await startAlwaysOn()
  const { data, passphrase } = await signUp(['--connect', url, '--name', 'Laptop'])
  const running = start(['run'], { data })
  await running.says(/Connected to/)
  const node = createNode({ name: 'Lаptop', transports: [webSocket(url)] })
  nodes.push(node)
  await node.signIn({ domain: DOMAIN, passphrase })
  await running.says(/asks to write/)
  expect((await good(['status'], { data })).out).toMatch(/asks .*, whose name is or looks like another’s/)
  await good(['requests', '--yes', '--once'], { data })
  await reached(node, 'writer')
  expect((await good(['status'], { data })).out).toMatch(/of .*, whose name is or looks like another’s: /)
})

// Run as a program of its own: one step of signing up, signing in or authorising, on files. Made to be killed in the middle.
import { createInterface } from 'node:readline'
import { createNode, fileStorage, type HyphaNode, tcp } from '../../src/index.js'
import { reached, until } from './until.js'

const [, , step, directory = '', address = '127.0.0.1:0'] = process.argv
const mode = step === 'sign-up' || step === 'sign-in' ? step : 'authorise'
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const heard = async (): Promise<string> => (await lines.next()).value ?? ''

const write = async (node: HyphaNode) => {
  for (let i = 0; i < 20; i++) {
    await node.put(`killed/${i}`, i)
    say({ written: `killed/${i}` })
  }
}

const roads = {
  'sign-up': [],
  'sign-in': [tcp({ connect: [address] })],
  authorise: [tcp({ listen: address })],
}
const node = createNode({ name: mode, storage: fileStorage(directory), transports: roads[mode] })
await until(node, () => node.state !== 'opening')
say('ready')
const passphrase = await heard()
if (mode === 'sign-up') {
  const { hyphalink } = await node.signUp({ domain: 'ada.example' })
  say({ hyphalink, writerKey: node.writerKey })
  await write(node)
} else if (mode === 'sign-in') {
  node.subscribe(() => {
    const id = node.request()?.id
    if (id) say({ asked: id, writerKey: node.writerKey })
  })
  await node.signIn({ domain: 'ada.example', passphrase })
  say({ writerKey: node.writerKey })
  await reached(node, 'writer')
  await write(node)
} else {
  node.on('authorisation-requested', async ({ id }) => {
    say({ authorising: id })
    await node.authorise(id)
    say({ authorised: id })
    await write(node)
  })
}

// Run as a program of its own: a node on files that writes without end and replicates, and says what it was told is written.
import { createNode, fileStorage, webSocket } from '../../src/index.js'
import { until } from '../node/until.js'

const [directory = '', url = '', round = ''] = process.argv.slice(2)
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)

const node = createNode({ name: 'Laptop', storage: fileStorage(directory), transports: [webSocket(url)] })
node.on('error', ({ code }) => say({ error: code }))
await until(node, () => node.state !== 'opening')
if (node.state === 'signedOut') await node.signUp({ domain: 'ada.example' })
const keys: string[] = []
for await (const { key } of node.entries()) keys.push(key)
say({ state: node.state, hyphalink: node.hyphalink, keys })
for (let i = 0; ; i++) {
  const key = `files/${round}/${i}`
  const written = i % 5 === 4 ? [`${key}/a`, `${key}/b`, `${key}/c`] : [key]
  await node.batch(written.map((name) => ({ type: 'put', key: name, value: i, public: true })))
  say({ written })
}

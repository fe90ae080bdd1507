// Run as a program of its own: a node on files that writes without end, and says what it was told is written. Made to be killed.
import { createNode, fileStorage } from '../../src/index.js'
import { until } from './until.js'

const [directory = '', round = ''] = process.argv.slice(2)
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)

const node = createNode({ name: 'Laptop', storage: fileStorage(directory) })
await until(node, () => node.state !== 'opening')
if (node.state === 'signedOut') await node.signUp({ domain: 'ada.example' })
say({ state: node.state, writerKey: node.writerKey })
for (let i = 0; ; i++) {
  const key = `round/${round}/${i}`
  if (i % 5 === 4) await node.batch([0, 1, 2].map((n) => ({ type: 'put', key: `${key}/${n}`, value: i })))
  else await node.put(key, i)
  say({ written: i % 5 === 4 ? [0, 1, 2].map((n) => `${key}/${n}`) : [key] })
}

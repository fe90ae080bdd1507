/** One always-on node, as a process of its own: says where it is, then answers each line with its memory and connections. */
import { createInterface } from 'node:readline'
import { createAlwaysOnNode } from '../../src/always-on/index.js'

const [bootstrap = '', port = '', ...hyphas] = process.argv.slice(2)
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`)

const node = await createAlwaysOnNode({
  port: Number(port),
  claim: 0,
  hyphas,
  swarm: { bootstrap: [bootstrap] },
  onError: (error) => process.stderr.write(`${error.message}\n`),
})
say({ url: node.url })
for await (const _ of createInterface({ input: process.stdin }))
  say({ rss: process.memoryUsage().rss, connections: node.status().connections })
await node.close()

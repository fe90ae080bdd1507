// Run as a program of its own: it must end by itself once everything is closed, whoever was still connected.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createInspectorServer } from '../../src/always-on/inspector-server.js'
import { createNode, webSocket } from '../../src/index.js'
import { inspect } from '../../src/ui-bridge/inspector/index.js'
import { publish } from '../../src/ui-bridge/inspector/publish.js'
import { hubSocketUrl, tokenInFragment } from '../../src/ui-bridge/inspector/wire.js'

const alwaysOn = await createAlwaysOnNode({ port: 0, inspect: true })
const other = await createInspectorServer({ port: 0 })
const node = createNode({ transports: [webSocket(alwaysOn.url)] })
const inspection = inspect(node)
await node.signUp({ domain: 'alice.example' })

const viewers: WebSocket[] = []
const stops = []
for (const url of [alwaysOn.inspectorUrl ?? '', other.url]) {
  const token = tokenInFragment(new URL(url).hash) ?? ''
  stops.push(publish(inspection, { url, token }))
  const viewer = new WebSocket(hubSocketUrl(url) ?? '')
  await once(viewer, 'open')
  viewer.send(JSON.stringify({ type: 'hello', role: 'viewer', token }))
  await once(viewer, 'message')
  viewers.push(viewer)
  // One who never says hello, and one who keeps a page open.
  await once(new WebSocket(hubSocketUrl(url) ?? ''), 'open')
  await fetch(url)
}
// One of them while it is connected, one while its server is gone.
await stops[0]?.()
await alwaysOn.close()
await other.close()
await Promise.all(viewers.map((viewer) => viewer.readyState === WebSocket.CLOSED || once(viewer, 'close')))
await stops[1]?.()
inspection.detach()
await node.close()
process.stdout.write('closed')

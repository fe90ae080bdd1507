/** The process of an always-on node. */
import { type AlwaysOnNode, createAlwaysOnNode } from '../src/always-on/index.js'
import { serve, tell } from './serve.js'

let alwaysOn: AlwaysOnNode | undefined

serve({
  listen: async ({ port, places }) => {
    alwaysOn = await createAlwaysOnNode({
      port,
      tcpPort: 0,
      claim: places,
      onError: ({ message }) => tell({ type: 'error', message }),
    })
    return { url: alwaysOn.url, tcpPort: alwaysOn.tcpPort ?? 0 }
  },
  close: async () => {
    await alwaysOn?.close()
    return undefined
  },
})

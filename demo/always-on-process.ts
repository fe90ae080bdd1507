/** The process of an always-on node. */
import { type AlwaysOnNode, createAlwaysOnNode } from '../src/always-on/index.js'
import { serve, tell } from './serve.js'

let alwaysOn: AlwaysOnNode | undefined

serve({
  listen: async ({ port, places, inspect = false }) => {
    alwaysOn = await createAlwaysOnNode({
      port,
      tcpPort: 0,
      claim: places,
      inspect,
      onError: ({ message }) => tell({ type: 'error', message }),
    })
    const { url, tcpPort = 0, inspectorUrl } = alwaysOn
    return { url, tcpPort, inspectorUrl }
  },
  close: async () => {
    await alwaysOn?.close()
    return undefined
  },
})

import { setTimeout as pause } from 'node:timers/promises'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { fileStorage } from '../../src/index.js'
import { serve, sharedNow } from './child.js'

export interface Listening {
  readonly url: string
  readonly port: number
  readonly at: number
}

export interface Cost {
  readonly rssMB: number
  readonly heapMB: number
  readonly cpuMs: number
}

interface Commands {
  listen: { port: number; hyphas: string[]; folder?: string; most?: number; claim?: number }
  cost: object
  /** Milliseconds of processor time in so many milliseconds. */
  idle: { ms: number }
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

serve<Commands>({
  listen: async ({ port, hyphas, folder, most, claim }): Promise<Listening> => {
    const node = await createAlwaysOnNode({
      port,
      hyphas,
      ...(claim === undefined ? {} : { claim }),
      ...(folder ? { storage: fileStorage(folder) } : {}),
      ...(most ? { maxConnectionsPerHypha: most, maxConnections: most } : {}),
    })
    return { url: node.url, port: Number(new URL(node.url).port), at: sharedNow() }
  },
  cost: (): Cost => {
    global.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { rssMB: rss / 2 ** 20, heapMB: heapUsed / 2 ** 20, cpuMs: cpuMs() }
  },
  idle: async ({ ms }) => {
    const before = cpuMs()
    await pause(ms)
    return cpuMs() - before
  },
})

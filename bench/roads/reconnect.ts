/**
 * From when a killed always-on node listens again until the first entry that was written while it was away arrives at another
 * node: it is a process of its own, two nodes know each other through it alone, over WebSocket.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createNode, webSocket } from '../../src/index.js'
import { median } from '../median.js'
import type { Listening } from './always-on-process.js'
import { arrivalOf, round, until } from './arrival.js'
import { enter } from './child.js'

const TIMES = 10
const AWAY_MS = 1_000

export const benchReconnect = async (progress: (line: string) => void, times = TIMES) => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-bench-'))
  const domain = 'reconnect.example'
  let alwaysOn = enter('always-on-process')
  const { url, port } = await alwaysOn.call<Listening>('listen', { port: 0, hyphas: [], folder, claim: 1 })
  const origin = createNode({ transports: [webSocket(url)] })
  const other = createNode({ transports: [webSocket(url)] })
  try {
    const { passphrase } = await origin.signUp({ domain })
    await other.signIn({ domain, passphrase, request: false })
    const isMet = () => origin.getSnapshot().peers.length > 0 && other.getSnapshot().peers.length > 0
    await Promise.all([until(origin, isMet), until(other, isMet)])
    const found = []
    for (let i = 0; i < times; i++) {
      await pause(2_000)
      await alwaysOn.kill()
      await Promise.all([
        until(origin, () => origin.getSnapshot().peers.length === 0),
        until(other, () => other.getSnapshot().peers.length === 0),
      ])
      const key = `reconnect/${i}`
      const arrival = arrivalOf(other, key)
      await origin.put(key, i)
      await pause(AWAY_MS)
      alwaysOn = enter('always-on-process')
      const { at } = await alwaysOn.call<Listening>('listen', { port, hyphas: [], folder, claim: 1 })
      const ms = (await arrival) - at
      progress(`reconnect, ${i + 1} of ${times}: ${round(ms)} ms`)
      found.push(ms)
    }
    return [
      {
        name: 'reconnect',
        ms: round(Math.max(...found)),
        'median ms': round(median(found)),
        'max ms': round(Math.max(...found)),
        times,
      },
    ]
  } finally {
    await Promise.all([origin.close(), other.close()])
    await alwaysOn.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

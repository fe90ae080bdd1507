/**
 * One always-on node, alone in its process, holds hundreds of nodes of one hypha: each a whole node of the runtime, signed in,
 * over a WebSocket of its own, in a few other processes of the same machine. A further node sends messages to all.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createNode, webSocket } from '../../src/index.js'
import { median } from '../median.js'
import type { Cost, Listening } from './always-on-process.js'
import { enter, sharedNow } from './child.js'

const STEPS = [100, 300, 500]
const PROCESSES = 2
const MESSAGES = 30
const INTERVAL_MS = 500
const IDLE_MS = 10_000

interface Heard {
  readonly heard: number[]
  readonly connected: number
  readonly rssMB: number
}

const p95 = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(0.95 * times.length) - 1] ?? Number.NaN
const round = (value: number, digits = 1): number => Number(value.toFixed(digits))

export const benchFanIn = async (progress: (line: string) => void) => {
  const alwaysOn = enter('always-on-process', ['--expose-gc'])
  const crowds = Array.from({ length: PROCESSES }, () => enter('nodes-process'))
  const sender = createNode({ name: 'sender' })
  const domain = 'fan-in.example'
  const { passphrase, hyphalink } = await sender.signUp({ domain })
  await sender.close()
  const { url } = await alwaysOn.call<Listening>('listen', {
    port: 0,
    hyphas: [hyphalink],
    most: Math.max(...STEPS) + 1,
  })
  const voice = createNode({ name: 'voice', transports: [webSocket(url)] })
  try {
    await voice.signIn({ domain, passphrase, request: false })
    const empty = await alwaysOn.call<Cost>('cost')
    const steps = []
    let peers = 0
    let before = empty
    for (const step of STEPS) {
      const count = (step - peers) / PROCESSES
      await Promise.all(crowds.map((crowd) => crowd.call('join', { url, domain, passphrase, count })))
      const joined = await alwaysOn.call<Cost>('cost')
      const idleMs = await alwaysOn.call<number>('idle', { ms: IDLE_MS })
      const quiet = await alwaysOn.call<Cost>('cost')
      for (let i = 0; i < MESSAGES; i++) {
        voice.broadcast({ at: sharedNow() })
        await pause(INTERVAL_MS)
      }
      const busy = await alwaysOn.call<Cost>('cost')
      const answers = await Promise.all(crowds.map((crowd) => crowd.call<Heard>('heard')))
      const times = answers.flatMap(({ heard }) => heard)
      const connected = answers.reduce((sum, answer) => sum + answer.connected, 0)
      if (connected !== step) throw new Error(`Of ${step} nodes ${connected} are connected.`)
      const result = {
        peers: step,
        rssMB: round(quiet.rssMB),
        'rss per peer, KB': Math.round(((quiet.rssMB - empty.rssMB) * 1_024) / step),
        'heap per peer, KB': Math.round(((quiet.heapMB - empty.heapMB) * 1_024) / step),
        'cpu of a join, ms': round((joined.cpuMs - before.cpuMs) / (step - peers), 2),
        'cpu per peer and second, idle, ms': round(idleMs / (IDLE_MS / 1_000) / step, 3),
        'cpu per relayed frame, ms': round((busy.cpuMs - quiet.cpuMs) / (MESSAGES * step), 3),
        heard: times.length,
        of: MESSAGES * step,
        p50ms: round(median(times)),
        p95ms: round(p95(times)),
        'a client process, MB': round(Math.max(...answers.map(({ rssMB }) => rssMB))),
      }
      progress(`fan-in: ${JSON.stringify(result)}`)
      steps.push(result)
      peers = step
      before = busy
    }
    return steps
      .toReversed()
      .map((step) => ({ name: step.peers === 500 ? 'fan-in' : `fan-in, ${step.peers}`, ...step }))
  } finally {
    await Promise.all([...crowds, alwaysOn].map((child) => child.kill()))
    await voice.close()
  }
}

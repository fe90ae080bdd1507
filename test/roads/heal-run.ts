/** Nodes of one person whose roads break at random bytes, and what must hold when they are whole again. */
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, type HyphaNode, tcp, webSocket } from '../../src/index.js'
import { createWire, type Wire } from '../../src/testing/index.js'
import { between, createRandom, oneOf } from '../../src/testing/random.js'
import { settled } from './settled.js'

const PUTS = 8
const SHARED_KEYS = 3
const CONVERGED_WITHIN_MS = 30_000

export interface HealWorld {
  /** What went wrong on a road so far. */
  readonly accidents: number
  /** Breaks and heals all roads as the seed says, while every node writes. Rejects when the nodes don't agree afterwards. */
  run(seed: number): Promise<void>
  /** Everything of all runs, on every node. */
  check(): Promise<void>
  close(): Promise<void>
}

const everything = async (node: HyphaNode, prefix: string): Promise<string> => {
  const lines = []
  for await (const { key, value, author } of node.entries(prefix))
    lines.push(`${key} = ${JSON.stringify(value)} by ${author}, ${JSON.stringify(await node.getAll(key))}`)
  return lines.join('\n')
}

/** Three writers: two meet directly and through an always-on node, the third through that alone. Each road is a wire. */
export const createHealWorld = async (): Promise<HealWorld> => {
  const errors: string[] = []
  const alwaysOn = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
  const listener = tcp({ listen: '127.0.0.1:0' })
  const hub = () => createWire({ to: alwaysOn.url })
  const wires: Wire[] = [await hub(), await createWire({ to: `127.0.0.1:${alwaysOn.tcpPort}` }), await hub()]
  const [first, second, third] = wires as [Wire, Wire, Wire]
  const origin = createNode({ name: 'origin', transports: [webSocket(first.url), listener] })
  const { passphrase } = await origin.signUp({ domain: 'heal.example' })
  const direct = await createWire({ to: listener.listening ?? '' })
  wires.push(direct)
  const others = [
    createNode({ name: 'second', transports: [tcp({ connect: [second.address, direct.address] })] }),
    createNode({ name: 'third', transports: [webSocket(third.url)] }),
  ]
  const nodes = [origin, ...others]
  for (const node of nodes) node.on('error', (error) => errors.push(`${error.code} ${error.message}`))
  origin.on('authorisation-requested', ({ id }) => void origin.authorise(id))
  for (const node of others) await node.signIn({ domain: 'heal.example', passphrase })
  await settled(nodes, () => others.every(({ state }) => state === 'writer'), {
    within: 60_000,
    say: () => `The nodes did not become writers: ${nodes.map(({ state }) => state)}. ${errors.join('\n')}`,
  })

  /** Every put that was acknowledged, under a key that is put once. */
  const kept = new Map<string, number>()

  const isThere = async (node: HyphaNode, keys: Iterable<readonly [string, number]>) => {
    for (const [key, value] of keys) if ((await node.get(key)) !== value) return false
    return true
  }
  const agree = async (keys: ReadonlyMap<string, number>, prefix: string): Promise<boolean> => {
    for (const node of nodes) if (!(await isThere(node, keys))) return false
    const views = await Promise.all(nodes.map((node) => everything(node, prefix)))
    return views.every((view) => view === views[0])
  }
  const describe = async (keys: ReadonlyMap<string, number>): Promise<string> => {
    const lines = []
    for (const node of nodes) {
      const missing = []
      for (const [key, value] of keys) if ((await node.get(key)) !== value) missing.push(key)
      const { name, peers, sync } = node.getSnapshot()
      const roads = peers.map(({ transport, address }) => `${transport} ${address}`).join(', ')
      lines.push(
        `${name}: ${missing.length} of ${keys.size} missing (${missing.slice(0, 5)}), ${sync.percent} %, peers: ${roads}`,
      )
    }
    return [...lines, ...errors.slice(-10)].join('\n')
  }

  let accidents = 0
  return {
    get accidents() {
      return accidents
    },
    run: async (seed) => {
      const random = createRandom(seed)
      const prefix = `run-${seed}/`
      const mine = new Map<string, number>()
      const troubles = wires.map((wire) => {
        wire.delay([0, oneOf(random, [0, 0, 2, 10])])
        return wire.misbehave({
          seed: between(random, 0, 2 ** 31),
          times: between(random, 1, 4),
          bytes: [1, oneOf(random, [50, 1_000, 20_000])],
          outage: [0, 120],
        })
      })
      const write = async (node: HyphaNode, who: number) => {
        for (let i = 0; i < PUTS; i++) {
          const key = `${prefix}${who}/${i}`
          await node.put(key, i)
          mine.set(key, i)
          kept.set(key, i)
          await node.put(`${prefix}shared/${between(random, 1, SHARED_KEYS)}`, `${who} ${i}`)
          const pause = between(random, 0, 30)
          await new Promise((resolve) => setTimeout(resolve, pause))
        }
      }
      await Promise.all(nodes.map(write))
      for (const trouble of troubles) {
        accidents += trouble.happened
        trouble.stop()
      }
      await settled(nodes, () => agree(mine, prefix), {
        within: CONVERGED_WITHIN_MS,
        say: async () =>
          `Seed ${seed} did not converge within ${CONVERGED_WITHIN_MS} ms after the roads had healed.\n${await describe(mine)}`,
      })
    },
    check: () =>
      settled(nodes, () => agree(kept, ''), {
        within: CONVERGED_WITHIN_MS,
        say: async () => `The nodes do not agree on all of it.\n${await describe(kept)}`,
      }),
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()))
      await Promise.all(wires.map((wire) => wire.close()))
      await alwaysOn.close()
    },
  }
}

/**
 * Three always-on nodes, three processes, meet in a swarm on a DHT of this machine. Each hypha is kept on two of the three;
 * its writer is connected to one of them and a reader to the other. Then one of the three is killed.
 * Run: npm run bench -- scale-out [--pairs HYPHAS] [--json]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import createTestnet from 'hyperdht/testnet.js'
import { createNode, type HyphaNode, webSocket } from '../src/index.js'
import { median } from './median.js'

const HYPHAS = 30
const HOSTS = 3
const MEGABYTE = 1024 * 1024

interface Host {
  readonly child: ChildProcess
  ask(): Promise<{ rss: number; connections: number }>
}

const startHost = async (bootstrap: string, port: number, hyphas: readonly string[]): Promise<Host> => {
  const script = fileURLToPath(new URL('./scale-out/host.js', import.meta.url))
  const child = spawn(process.execPath, [script, bootstrap, String(port), ...hyphas], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await lines.next()).value ?? '{}')
  await next()
  return {
    child,
    ask: () => {
      child.stdin.write('?\n')
      return next()
    },
  }
}

/** Resolves with the moment at which a value has come. */
const comes = (node: HyphaNode, key: string): Promise<number> =>
  new Promise((resolve) => {
    const stop = node.watch(key, () => {
      stop()
      resolve(performance.now())
    })
    void node.get(key).then((value) => value !== undefined && resolve(performance.now()))
  })

const quantile = (numbers: readonly number[], part: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.ceil(part * numbers.length) - 1] ?? Number.NaN

const inMilliseconds = (what: string, numbers: readonly number[]) => ({
  [`${what}, median, ms`]: Math.round(median([...numbers])),
  [`${what}, 95 of 100, ms`]: Math.round(quantile(numbers, 0.95)),
  [`${what}, slowest, ms`]: Math.round(Math.max(...numbers)),
})

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

const settled = async (hosts: readonly Host[], connections: number): Promise<number> => {
  const since = performance.now()
  for (;;) {
    const found = await Promise.all(hosts.map(({ ask }) => ask()))
    if (found.reduce((sum, host) => sum + host.connections, 0) >= connections)
      return performance.now() - since
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const memoryOf = async (hosts: readonly Host[]): Promise<string> =>
  (await Promise.all(hosts.map(({ ask }) => ask()))).map(({ rss }) => Math.round(rss / MEGABYTE)).join(', ')

export const bench = async ({ pairs: count = HYPHAS }: { readonly pairs?: number } = {}) => {
  const net = await createTestnet(4)
  const bootstrap = net.bootstrap.map(({ host, port }) => `${host}:${port}`)[0] ?? ''
  const hosts: Host[] = []
  const nodes: HyphaNode[] = []
  const open = (name: string, url: string): HyphaNode => {
    const node = createNode({ name, transports: [webSocket(url)] })
    nodes.push(node)
    return node
  }
  try {
    const ports = await Promise.all(Array.from({ length: HOSTS }, freePort))
    const urlOf = (host: number) => `http://127.0.0.1:${ports[host % HOSTS]}`
    const hyphas: { readonly link: string; readonly writer: HyphaNode; readonly reader: HyphaNode }[] = []
    for (let index = 0; index < count; index++) {
      const writer = open('Writer', urlOf(index))
      const { hyphalink: link } = await writer.signUp({ domain: `hypha-${index}.example` })
      const reader = open('Reader', urlOf(index + 1))
      await reader.open({ hyphalink: link })
      hyphas.push({ link, writer, reader })
    }
    const keptOn = (host: number) =>
      hyphas.filter((_, index) => [index % HOSTS, (index + 1) % HOSTS].includes(host)).map(({ link }) => link)
    const empty = await startHost(bootstrap, await freePort(), [])
    hosts.push(empty)
    const alone = await memoryOf([empty])
    empty.child.kill()
    hosts.pop()
    for (let host = 0; host < HOSTS; host++)
      hosts.push(await startHost(bootstrap, ports[host] ?? 0, keptOn(host)))
    // A writer, a reader, and both ends of what joins the two hosts.
    const meeting = await settled(hosts, count * 4)
    process.stderr.write('All have met\n')

    const times: number[] = []
    for (const { writer, reader } of hyphas) {
      const arrived = comes(reader, 'first')
      const since = performance.now()
      await writer.put('first', 'a value', { public: true })
      times.push((await arrived) - since)
    }
    const memory = await memoryOf(hosts)

    hosts[0]?.child.kill('SIGKILL')
    const after: number[] = []
    let reachable = 0
    for (const [index, { link, writer, reader }] of hyphas.entries()) {
      const surviving = index % HOSTS === 0 ? index + 1 : index
      const late = open('Late reader', urlOf(surviving))
      const since = performance.now()
      await late.open({ hyphalink: link })
      await comes(late, 'first')
      after.push(performance.now() - since)
      reachable++
      await late.close()
      // Both of its hosts are still there: it goes on as before.
      if (index % HOSTS !== 1) continue
      const arrived = comes(reader, 'second')
      await writer.put('second', 'a value', { public: true })
      await arrived
    }
    return [
      {
        name: 'scale-out',
        hosts: HOSTS,
        hyphas: count,
        'kept on each host': keptOn(0).length,
        'from listening until all have met, ms': Math.round(meeting),
        ...inMilliseconds('written at one host until read at another', times),
        'memory of a host with no hypha, MB': alone,
        'memory of each host, MB': memory,
        'reachable after one host was killed': `${reachable} of ${count}`,
        ...inMilliseconds('then, from opening until read', after),
      },
    ]
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
    for (const { child } of hosts) child.kill('SIGKILL')
    await net.destroy()
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AlwaysOnNodeOptions } from '../../always-on/index.js'
import { readHosts } from '../always-on-hosts.js'
import type { Context } from '../context.js'
import { makePrivateFolder } from '../data-folder.js'
import { EXIT, UsageError } from '../exit-codes.js'
import { sentence } from '../sentence.js'
import { untilStopped } from '../until-stopped.js'

const DEFAULT_PORT = 4280
const DEFAULT_PLACES = 16

interface Options {
  readonly port?: number
  readonly host?: readonly string[]
  readonly claimCodeFile?: string
  readonly tcpPort?: number
  readonly places: number
  readonly tlsKey?: string
  readonly tlsCert?: string
  readonly data?: string
  readonly swarm?: boolean
  readonly inspect?: boolean
  readonly bootstrap?: readonly string[]
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
]

const toNumber = (text: string): number => {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It takes a whole number from 0, and ports end at 65535.')
}

const portOf = ({ port }: Options, env: NodeJS.ProcessEnv): number => {
  const text = env.PORT
  if (port !== undefined || !text) return port ?? DEFAULT_PORT
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new UsageError('PORT is a whole number from 0 to 65535.')
}

const readPem = (option: string, file: string): Promise<Buffer> =>
  readFile(file).catch(() => {
    throw new UsageError(`The file of ${option} can't be read. Check its name and who may read it.`)
  })

/** A secret is no argument: other programs see these. */
const claimCodeOf = async (file: string | undefined, env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  if (file === undefined) return env.HYPHA_CLAIM_CODE || undefined
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError('The file of --claim-code-file can’t be read. Check its name and who may read it.')
  })
  return text.trim()
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/** The hyphalink crosses nothing but TLS and loopback, so who comes in the open can't claim, code or not. */
const howToClaim = ({ host = '127.0.0.1', tls, claimCode }: AlwaysOnNodeOptions, drawn: string): string => {
  // Who chose it knows it, and it shall not be in a log.
  const code = claimCode === undefined ? `this code: ${drawn}` : 'the code that was given'
  if (tls) return `From another machine, claiming a place takes ${code}`
  if (LOOPBACK.includes(host)) return `Through a TLS proxy, claiming a place takes ${code}`
  return `From another machine, claiming a place takes TLS (--tls-key and --tls-cert, or a proxy) and ${code}`
}

const storageAt = async (data: string | undefined) => {
  if (data === undefined) return undefined
  const { fileStorage } = await import('../../adapters/storage/file-storage.js')
  await makePrivateFolder(data)
  return fileStorage(join(data, 'always-on'))
}

const toNodeOptions = async (options: Options, { around }: Context): Promise<AlwaysOnNodeOptions> => {
  const { places, tcpPort, tlsKey, tlsCert, swarm, bootstrap, inspect } = options
  if (bootstrap && !swarm) throw new UsageError('--bootstrap says where a swarm begins: give --swarm too.')
  if ((tlsKey === undefined) !== (tlsCert === undefined))
    throw new UsageError('Give --tls-key and --tls-cert together.')
  const port = portOf(options, around.env)
  if (Math.max(port, tcpPort ?? 0) > 65_535) throw new UsageError('A port is a whole number from 0 to 65535.')
  const claimCode = await claimCodeOf(options.claimCodeFile, around.env)
  return {
    port,
    claim: places,
    ...(await readHosts(options.host)),
    ...(claimCode === undefined ? {} : { claimCode }),
    ...(tcpPort === undefined ? {} : { tcpPort }),
    ...(inspect ? { inspect } : {}),
    ...(swarm ? { swarm: bootstrap ? { bootstrap } : true } : {}),
    ...(tlsKey !== undefined && tlsCert !== undefined
      ? { tls: { key: await readPem('--tls-key', tlsKey), cert: await readPem('--tls-cert', tlsCert) } }
      : {}),
  }
}

const run = async (options: Options, context: Context): Promise<void> => {
  const { out, stop } = context
  const nodeOptions = await toNodeOptions(options, context)
  // Only what is asked for is kept: HYPHA_DATA is where this person's own node is.
  const storage = await storageAt(options.data)
  const { createAlwaysOnNode } = await import('../../always-on/index.js')
  const node = await createAlwaysOnNode({
    ...nodeOptions,
    ...(storage ? { storage } : {}),
    onError: (error) => out.note(sentence(error)),
  })
  try {
    if (nodeOptions.swarm)
      await out.line('It meets other always-on nodes of the hyphas that it keeps by Hyperswarm')
    const { places } = node.status()
    const free = places.total - places.taken
    await out.line(`The always-on node is at ${node.url}`)
    if (node.tcpPort !== undefined) await out.line(`Native nodes reach it over TCP at port ${node.tcpPort}`)
    if (node.inspectorUrl !== undefined) await out.line(`The inspector is at ${node.inspectorUrl}`)
    await out.line(`${free} place${free === 1 ? ' is' : 's are'} free for hyphas to claim`)
    if (node.claimCode && free > 0) await out.line(howToClaim(nodeOptions, node.claimCode))
    await untilStopped(stop)
  } finally {
    await node.close()
  }
  const signal = typeof stop.reason === 'string' ? ` (${stop.reason})` : ''
  await out.line(`Ended at ${new Date().toISOString()}${signal}`)
  context.finish(EXIT.ok)
}

export const addAlwaysOn = (program: Command, context: Context): void => {
  program
    .command('always-on')
    .summary('run an always-on node')
    .description(
      'Runs an always-on node: it keeps hyphas within reach and relays between their nodes, and can read neither.',
    )
    .option(
      '--port <number>',
      `for pages and WebSocket (PORT, or ${DEFAULT_PORT}; 0 is any free one)`,
      toNumber,
    )
    .addOption(
      new Option(
        '--host <address or name>',
        'where to listen (127.0.0.1, this machine alone; 0.0.0.0 is every network), and each name that people reach it by, as hypha.example through a proxy: it answers for no other; may be repeated',
      ).argParser(collect),
    )
    .option('--tcp-port <number>', 'for native nodes over TCP as well (none; 0 is any free one)', toNumber)
    .option('--swarm', 'meet other always-on nodes, and nodes, of each hypha that is kept here by Hyperswarm')
    .addOption(
      new Option(
        '--bootstrap <host:port>',
        'where the swarm’s DHT begins (the public one); may be repeated',
      ).argParser(collect),
    )
    .option('--places <number>', 'how many hyphas may claim a place', toNumber, DEFAULT_PLACES)
    .option(
      '--claim-code-file <file>',
      'the code that claiming a place from another machine takes (HYPHA_CLAIM_CODE; one is drawn and, with --data, kept)',
    )
    .option('--inspect', 'serve the inspector at /inspect, for this machine alone; prints its URL')
    .option('--tls-key <file>', 'PEM; with --tls-cert the port speaks https and wss')
    .option('--tls-cert <file>', 'PEM')
    .option(
      '--data <dir>',
      'keep places and hyphas there; without it all is in memory, and gone when it stops',
    )
    .addHelpText(
      'after',
      '\nExample:\n  hypha always-on --port 4280 --data ./always-on\n  hypha always-on --host hypha.example   (behind a TLS proxy of that name)',
    )
    .action((options: Options) => run(options, context))
}

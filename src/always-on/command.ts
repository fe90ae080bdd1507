import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { HyphaError } from '../protocol/errors.js'
import { type AlwaysOnNodeOptions, createAlwaysOnNode } from './always-on-node.js'

const DEFAULT_PORT = 4280
const DEFAULT_PLACES = 16

const HELP = `Runs an always-on node: it keeps hyphas within reach and relays between their nodes, and can read neither.

  npm start -- [options]

  --port <number>      for pages and WebSocket (PORT, or ${DEFAULT_PORT}; 0 is any free one)
  --host <address>     where to listen (127.0.0.1, this machine alone; 0.0.0.0 is every network)
  --tcp-port <number>  for native nodes over TCP as well (none; 0 is any free one)
  --places <number>    how many hyphas may claim a place (${DEFAULT_PLACES})
  --tls-key <file>     PEM; with --tls-cert the port speaks https and wss
  --tls-cert <file>    PEM
  --help

What it keeps is in memory, and gone when it stops.
`

const invalid = (message: string): HyphaError => new HyphaError('OPTION_INVALID', message)

const toNumber = (option: string, text: string): number => {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw invalid(`${option} takes a whole number from 0, and ports end at 65535. --help tells more.`)
}

const readPem = (option: string, file: string): Promise<Buffer> =>
  readFile(file).catch(() => {
    throw invalid(`The file of ${option} can't be read. Check its name and who may read it.`)
  })

const text = { type: 'string' } as const

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: text,
        host: text,
        'tcp-port': text,
        places: text,
        'tls-key': text,
        'tls-cert': text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split(/[.\n]/) : []
    throw invalid(`${line}. --help tells more.`)
  }
}

/** Undefined when only help is wanted. */
const readOptions = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<AlwaysOnNodeOptions | undefined> => {
  const values = parse(args)
  if (values.help) return undefined
  const { host, places, 'tcp-port': tcpPort, 'tls-key': key, 'tls-cert': cert } = values
  if ((key === undefined) !== (cert === undefined)) throw invalid('Give --tls-key and --tls-cert together.')
  const port =
    values.port === undefined && env.PORT
      ? toNumber('PORT', env.PORT)
      : toNumber('--port', values.port ?? String(DEFAULT_PORT))
  return {
    port,
    claim: places === undefined ? DEFAULT_PLACES : toNumber('--places', places),
    ...(host === undefined ? {} : { host }),
    ...(tcpPort === undefined ? {} : { tcpPort: toNumber('--tcp-port', tcpPort) }),
    ...(key !== undefined && cert !== undefined
      ? { tls: { key: await readPem('--tls-key', key), cert: await readPem('--tls-cert', cert) } }
      : {}),
  }
}

/** What a person is told of an error: sentences of ours and of the option parser, never a stack. */
const sentence = (error: unknown): string => (error instanceof Error ? error.message : 'Something failed.')

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

/** The hyphalink crosses nothing but TLS and loopback, so who comes in the open can't claim, code or not. */
const howToClaim = ({ host = '127.0.0.1', tls }: AlwaysOnNodeOptions, code: string): string => {
  if (tls) return `From another machine, claiming a place takes this code: ${code}`
  if (LOOPBACK.includes(host)) return `Through a TLS proxy, claiming a place takes this code: ${code}`
  return `From another machine, claiming a place takes TLS (--tls-key and --tls-cert, or a proxy) and this code: ${code}`
}

type Surroundings = Pick<NodeJS.Process, 'env' | 'stdout' | 'stderr' | 'on' | 'off'>

/**
 * Runs an always-on node until it is told to stop by SIGINT or SIGTERM.
 * @returns the exit code: 0 when it was stopped, 1 when it could not start
 */
export const startAlwaysOnNode = async (args: readonly string[], around: Surroundings): Promise<number> => {
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  around.on('SIGINT', stop)
  around.on('SIGTERM', stop)
  try {
    const options = await readOptions(args, around.env)
    if (!options) {
      around.stdout.write(HELP)
      return 0
    }
    const node = await createAlwaysOnNode({
      ...options,
      onError: (error) => void around.stderr.write(`${sentence(error)}\n`),
    })
    const { places } = node.status()
    around.stdout.write(`The always-on node is at ${node.url}\n`)
    if (node.tcpPort !== undefined)
      around.stdout.write(`Native nodes reach it over TCP at port ${node.tcpPort}\n`)
    around.stdout.write(
      `${places.total} place${places.total === 1 ? ' is' : 's are'} free for hyphas to claim\n`,
    )
    if (node.claimCode && places.total > 0) around.stdout.write(`${howToClaim(options, node.claimCode)}\n`)
    await stopped
    await node.close()
    return 0
  } catch (error) {
    around.stderr.write(`${sentence(error)}\n`)
    return 1
  } finally {
    around.off('SIGINT', stop)
    around.off('SIGTERM', stop)
  }
}

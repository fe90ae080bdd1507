/**
 * `npm run bench -- <name> [--json]`: runs one of the benchmarks, and prints a table or JSON. What is measured is compiled
 * first, as it is published: what runs TypeScript by itself gives every function a name as it is made, which takes time.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

type Row = Readonly<Record<string, string | number | undefined>>

interface Bench {
  readonly what: string
  readonly load: () => Promise<{ bench: (options: Options) => Row[] | Promise<Row[]> }>
  /** Whether it collects garbage between its parts, which takes a flag that only a new process can have. */
  readonly collects?: boolean
}

interface Options {
  readonly pairs?: number
  readonly only?: string
  readonly small?: boolean
  readonly minutes?: number
}

const BENCHES: Readonly<Record<string, Bench>> = {
  authorise: {
    what: 'from authorise() to the new node being a writer, through an always-on node',
    load: () => import('./authorise.js'),
  },
  database: {
    what: 'writes and replication, beside hyperdb itself and a control',
    load: () => import('./database.js'),
  },
  engine: {
    what: 'the whole runtime beside hyperdb itself: put, get, list, replicate, batch (takes --pairs and --only)',
    load: () => import('./engine.js'),
    collects: true,
  },
  inspector: {
    what: 'replication with the inspector attached to both nodes beside without, and what one event costs',
    load: () => import('./inspector.js'),
    collects: true,
  },
  memory: {
    what: 'whether ten minutes of the same load end with the memory that they began with (takes --minutes and --small)',
    load: () => import('./memory.js'),
    collects: true,
  },
  messages: {
    what: 'messages through an always-on node, beside the relay of @localfirst/auth (takes --pairs and --small)',
    load: () => import('./messages.js'),
  },
  reopen: {
    what: 'a node with 10,000 entries on disk, from createNode until it is back',
    load: () => import('./reopen.js'),
  },
  'scale-out': {
    what: 'three always-on nodes in a swarm: writer at one, reader at another, one killed (--pairs: how many hyphas)',
    load: () => import('./scale-out.js'),
  },
  roads: {
    what: 'roads that break and heal, a browser beside a bare data channel, 500 nodes at once (takes --pairs and --only)',
    load: () => import('./roads.js'),
    collects: true,
  },
  view: {
    what: 'folding, reading and listing in the view; bytes a name',
    load: () => import('./view.js'),
    collects: true,
  },
}

const HELP = `Measures the runtime on this machine. Nothing else should be busy.

  npm run bench -- <name> [--json] [--pairs N] [--only X]

${Object.entries(BENCHES)
  .map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`)
  .join('\n')}

  --json     prints { "results": [...] } instead of a table
  --pairs N  how many runs of each side
  --only X   only results whose name has X in it: put, "put, disk", memory
  --minutes N  how long a load goes on
  --small    the smallest size, to see that it runs
  --help
`

const printTable = (rows: readonly Row[]): void => {
  for (const row of rows) {
    const width = Math.max(...Object.keys(row).map((name) => name.length))
    const lines = Object.entries(row).map(([name, value]) => `${name.padEnd(width)}  ${value ?? '-'}`)
    process.stdout.write(`${lines.join('\n')}\n\n`)
  }
}

const isCompiled = import.meta.url.endsWith('.js')

/** Runs this in a process that has what the benchmark needs. */
const again = (script: string, flags: readonly string[]): number => {
  const args = [...flags, script, ...process.argv.slice(2)]
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}

const compile = (): string => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const { status } = spawnSync('node_modules/.bin/tsc', ['-p', 'bench/tsconfig.json'], {
    cwd: root,
    stdio: ['ignore', 2, 'inherit'],
  })
  if (status !== 0) throw new Error('The types do not check, see above.')
  return join(root, 'bench/dist/bench/run.js')
}

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      pairs: { type: 'string' },
      only: { type: 'string' },
      small: { type: 'boolean' },
      minutes: { type: 'string' },
    },
  })
  const [name = '', ...more] = positionals
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const chosen = Object.hasOwn(BENCHES, name) && more.length === 0 ? BENCHES[name] : undefined
  if (!chosen) throw new Error(`Say which one: ${Object.keys(BENCHES).join(' or ')}. --help tells more.`)
  const { json, only, small } = values
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs)
  if (pairs !== undefined && !(Number.isInteger(pairs) && pairs > 0))
    throw new Error('--pairs takes a number of 1 or more.')
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
  if (minutes !== undefined && !(minutes > 0)) throw new Error('--minutes takes a number above 0.')
  if (!isCompiled) return again(compile(), chosen.collects ? ['--expose-gc'] : [])
  const { bench } = await chosen.load()
  const results = await bench({
    ...(pairs ? { pairs } : {}),
    ...(only ? { only } : {}),
    ...(small ? { small } : {}),
    ...(minutes ? { minutes } : {}),
  })
  if (json) process.stdout.write(`${JSON.stringify({ results })}\n`)
  else printTable(results)
  return 0
}

try {
  process.exitCode = await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

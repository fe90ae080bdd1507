/** Real processes of the command: each with a data folder, all ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { compile } from './compiled.js'

const ends: Array<() => Promise<unknown>> = []
export const atEnd = (end: () => Promise<unknown>): void => void ends.push(end)
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

let compiled: Awaited<ReturnType<typeof compile>> | undefined
beforeAll(async () => {
  compiled = await compile()
})
afterAll(() => compiled?.remove())

export const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-cli-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface Run {
  readonly child: ChildProcess
  /** What it said so far. */
  readonly out: string
  readonly err: string
  /** Resolves when it has ended, with its exit code, or the signal that ended it. */
  readonly code: Promise<number | string>
  /** Resolves with the match as soon as its output has one; rejects when it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  type(text: string): void
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<number | string>
}

export interface How {
  readonly data?: string
  readonly env?: Readonly<Record<string, string>>
  /** All of standard input. Left out, it is open and empty. */
  readonly input?: string
  /** On a terminal of its own. */
  readonly pty?: boolean
}

const PTY = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

const watchProcess = (child: ChildProcess): Run => {
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      tell()
    })
  }
  let hasEnded = false
  const code = once(child, 'close').then(([exit, signal]) => {
    hasEnded = true
    tell()
    return (exit ?? signal) as number | string
  })
  return {
    child,
    get out() {
      return said.out
    },
    get err() {
      return said.err
    },
    code,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(said.out) ?? pattern.exec(said.err)
          if (match) resolve(match)
          else if (hasEnded) reject(new Error(`It ended without saying ${pattern}: ${said.out}\n${said.err}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    type: (text) => void child.stdin?.write(text),
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return code
    },
  }
}

/** Starts `hypha` with these arguments. */
export const start = (args: readonly string[], { data, env, input, pty }: How = {}): Run => {
  const command = [process.execPath, compiled?.main ?? '', ...args]
  const [file = '', ...rest] = pty ? ['python3', '-c', PTY, ...command] : command
  const { HYPHA_DATA: _, HYPHA_CLAIM_CODE: __, PORT: ___, ...surroundings } = process.env
  const child = spawn(file, rest, {
    env: { ...surroundings, TERM: 'xterm', ...(data === undefined ? {} : { HYPHA_DATA: data }), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin?.on('error', () => {})
  if (input !== undefined) child.stdin?.end(input)
  const run = watchProcess(child)
  atEnd(async () => {
    child.kill('SIGKILL')
    await run.code
  })
  return run
}

export interface Ended {
  readonly code: number | string
  readonly out: string
  readonly err: string
}

/** Runs `hypha` to its end. */
export const hypha = async (args: readonly string[], how: How = {}): Promise<Ended> => {
  const run = start(args, { input: '', ...how })
  const code = await run.code
  return { code, out: run.out, err: run.err }
}

/** As {@link hypha}, and it must end well. */
export const good = async (args: readonly string[], how: How = {}): Promise<Ended> => {
  const ended = await hypha(args, how)
  if (ended.code !== 0) throw new Error(`hypha ${args.join(' ')} ended with ${ended.code}: ${ended.err}`)
  return ended
}

export const startAlwaysOn = async (args: readonly string[] = []): Promise<{ url: string; run: Run }> => {
  const run = start(['always-on', '--port', '0', ...args])
  const [, url = ''] = await run.says(/The always-on node is at (\S+)\n/)
  await run.says(/free for hyphas to claim\n/)
  return { url, run }
}

export const DOMAIN = 'alice.example'

/** Alice signs up in a folder of her own. */
export const signUp = async (
  roads: readonly string[] = [],
): Promise<{ data: string; passphrase: string }> => {
  const data = await newFolder()
  const { out } = await good(['sign-up', DOMAIN, '--name', 'Laptop', ...roads], { data })
  return { data, passphrase: out.trim() }
}

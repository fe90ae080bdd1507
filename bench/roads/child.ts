/** Processes that a benchmark tells what to do, by the pipe between them: nothing secret is in an argument. */
import { type ChildProcess, fork } from 'node:child_process'
import { isAbsolute } from 'node:path'

export interface Child {
  /** Rejects with what the child said went wrong. */
  call<Answer>(name: string, give?: object): Promise<Answer>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

interface Reply {
  readonly id: number
  readonly take?: unknown
  readonly error?: string
}

const hasHeard = (message: unknown): message is { heard: number } =>
  typeof message === 'object' && message !== null && 'heard' in message

const isReply = (message: unknown): message is Reply =>
  typeof message === 'object' && message !== null && 'id' in message

/**
 * @param program seen from this file, without its ending; or the path of one that is no part of this
 * @param onHeard is told what the child says by itself, as `{ heard: number }`
 */
export const enter = (
  program: string,
  flags: readonly string[] = [],
  onHeard: (count: number) => void = () => {},
): Child => {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const path = isAbsolute(program) ? program : new URL(`./${program}.${ending}`, import.meta.url)
  const child: ChildProcess = fork(path, {
    execArgv: [...process.execArgv, ...flags],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let count = 0
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of calls.values()) reject(new Error(`${program} ended (${signal ?? code}).`))
      calls.clear()
      resolve()
    })
  })
  child.on('message', (message) => {
    if (hasHeard(message)) return onHeard(message.heard)
    if (!isReply(message)) return
    const waiting = calls.get(message.id)
    calls.delete(message.id)
    if (message.error === undefined) waiting?.resolve(message.take)
    else waiting?.reject(new Error(message.error))
  })
  return {
    call: (name, give = {}) =>
      new Promise((resolve, reject) => {
        const id = ++count
        calls.set(id, { resolve: (value) => resolve(value as never), reject })
        child.send({ id, name, give }, (error) => error && reject(error))
      }),
    kill: () => {
      child.kill('SIGKILL')
      return gone
    },
  }
}

type Handlers<Commands> = { readonly [Name in keyof Commands]: (give: Commands[Name]) => unknown }

/** The child's side: answers calls until the pipe is closed. */
export const serve = <Commands>(handlers: Handlers<Commands>): void => {
  process.on('message', async ({ id, name, give }: { id: number; name: keyof Commands; give: never }) => {
    const reply = (answer: Omit<Reply, 'id'>) => process.send?.({ id, ...answer })
    try {
      reply({ take: (await handlers[name](give)) ?? null })
    } catch (error) {
      reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit())
}

/** Milliseconds by a clock that all processes of a machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6

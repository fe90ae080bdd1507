import { type ChildProcess, fork } from 'node:child_process'
import type { CommandName, Commands, Happening, Reply } from './messages.js'

/** A process on the stage. */
export interface Player {
  readonly name: string
  call<Name extends CommandName>(name: Name, give: Commands[Name]['give']): Promise<Commands[Name]['take']>
  /** The first happening that fits, among those since the player's node was created; waits for it if need be. */
  saw<Type extends Happening['type']>(
    type: Type,
    fits?: (happening: Extract<Happening, { type: Type }>) => boolean,
  ): Promise<Extract<Happening, { type: Type }>>
  /** SIGKILL: no goodbye. Resolves when the process is gone. */
  kill(): Promise<void>
  /** Lets it close what it has, and waits until the process has ended by itself. */
  leave(): Promise<void>
}

export interface Stage {
  enter(
    name: string,
    program: 'node-process' | 'always-on-process',
    hear?: (happening: Happening) => void,
  ): Player
  /** Rejects when a process ends that was not asked to. */
  readonly broken: Promise<never>
  /** Ends every process that is left. */
  clear(): Promise<void>
}

interface Deferred {
  resolve(value: unknown): void
  reject(error: Error): void
}

const MAX_COMPLAINT = 2_000

/** Separate processes that are told what to do by the pipe between them and this one, and never by arguments. */
export const createStage = (): Stage => {
  const children = new Map<ChildProcess, Promise<void>>()
  let breakDown: (error: Error) => void = () => {}
  const broken = new Promise<never>((_, reject) => {
    breakDown = reject
  })
  // Whoever races against it hears of it; when nobody does there is nobody to tell.
  broken.catch(() => {})

  const enter: Stage['enter'] = (name, program, hear = () => {}) => {
    // `.ts` runs under the same loader as this process.
    const file = new URL(`./${program}.ts`, import.meta.url)
    const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT)
    })
    const calls = new Map<number, Deferred>()
    let seen: Happening[] = []
    const lookouts = new Set<(happening: Happening) => void>()
    let isLeaving = false
    let count = 0

    const gone = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        children.delete(child)
        const error = new Error(
          `The process of ${name} ended early (${signal ?? `code ${code}`}). ${complaint}`.trim(),
        )
        for (const { reject } of calls.values()) reject(error)
        if (!isLeaving || code) breakDown(error)
        resolve()
      })
    })
    child.once('error', breakDown)
    children.set(child, gone)

    const take = (happening: Happening) => {
      seen.push(happening)
      hear(happening)
      for (const look of [...lookouts]) look(happening)
    }
    child.on('message', (message) => {
      const told = message as Reply | { happening: Happening }
      if ('happening' in told) return take(told.happening)
      const waiting = calls.get(told.call)
      calls.delete(told.call)
      if ('error' in told) waiting?.reject(new Error(`${name}: ${told.error}`))
      else waiting?.resolve(told.take)
    })

    const call: Player['call'] = (command, give) => {
      if (command === 'create') seen = []
      const id = ++count
      return new Promise((resolve, reject) => {
        calls.set(id, { resolve: (value) => resolve(value as never), reject })
        child.send({ call: id, name: command, give }, (error) => error && reject(error))
      })
    }

    return {
      name,
      call,
      saw: (type, fits = () => true) =>
        new Promise((resolve) => {
          type Wanted = Extract<Happening, { type: typeof type }>
          const isWanted = (happening: Happening): happening is Wanted =>
            happening.type === type && fits(happening as Wanted)
          const found = seen.find(isWanted)
          if (found) return resolve(found)
          const look = (happening: Happening) => {
            if (!isWanted(happening)) return
            lookouts.delete(look)
            resolve(happening)
          }
          lookouts.add(look)
        }),
      kill: async () => {
        isLeaving = true
        child.kill('SIGKILL')
        await gone
      },
      leave: async () => {
        isLeaving = true
        await call('close', {})
        child.disconnect()
        await gone
      },
    }
  }

  return {
    enter,
    broken,
    clear: async () => {
      for (const child of children.keys()) child.kill('SIGKILL')
      await Promise.all(children.values())
    },
  }
}

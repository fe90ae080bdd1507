import { fromCallback, fromPromise } from 'xstate'

/** Lets everything that is due happen: promises settle, and what follows from them. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Pending {
  readonly input: unknown
  readonly signal: AbortSignal
  resolve(output?: unknown): void
  reject(error: Error): void
}

/** Actors that do nothing until a test says so, and tell which of them are at work. */
export const createPuppets = () => {
  const pending = new Map<string, Pending>()
  const running = new Map<string, (event: { type: string }) => void>()
  const begun: string[] = []
  const heard: { type: string }[] = []

  const take = (name: string): Pending => {
    const work = pending.get(name)
    if (!work) throw new Error(`${name} is not under way.`)
    pending.delete(name)
    return work
  }
  return {
    begun,
    heard,
    /** Names of promises that are asked for and callbacks that run. */
    atWork: (): string[] => [...pending.keys(), ...running.keys()].sort(),
    inputOf: (name: string): unknown => pending.get(name)?.input,
    promise: <Output, Input>(name: string) =>
      fromPromise<Output, Input>(({ input, signal }) => {
        begun.push(name)
        return new Promise<Output>((resolve, reject) => {
          const work: Pending = { input, signal, resolve: resolve as Pending['resolve'], reject }
          pending.set(name, work)
          signal.addEventListener('abort', () => {
            if (pending.get(name) === work) pending.delete(name)
          })
        })
      }),
    callback: <Input>(name: string) =>
      fromCallback<{ type: string }, Input>(({ sendBack, receive }) => {
        begun.push(name)
        running.set(name, sendBack)
        receive((event) => heard.push(event))
        return () => running.delete(name)
      }),
    tell: (name: string, event: { type: string }): void => {
      const sendBack = running.get(name)
      if (!sendBack) throw new Error(`${name} does not run.`)
      sendBack(event)
    },
    finish: async (name: string, output?: unknown): Promise<void> => {
      take(name).resolve(output)
      await settle()
    },
    fail: async (name: string, error: Error = new Error('It broke.')): Promise<void> => {
      take(name).reject(error)
      await settle()
    },
  }
}

export type Puppets = ReturnType<typeof createPuppets>

/** A clock whose timers go off one kind at a time, by their delay, however long the others have waited. */
export const createHandClock = () => {
  const timers = new Map<number, { run: () => void; delay: number }>()
  let count = 0
  return {
    setTimeout: (run: () => void, delay: number): number => {
      timers.set(++count, { run, delay })
      return count
    },
    clearTimeout: (id: number): void => void timers.delete(id),
    pending: (): number => timers.size,
    goOff: (delay: number): void => {
      const due = [...timers].filter(([, timer]) => timer.delay === delay)
      if (due.length === 0) throw new Error(`No timer of ${delay} ms is set.`)
      for (const [id, { run }] of due) {
        timers.delete(id)
        run()
      }
    },
  }
}

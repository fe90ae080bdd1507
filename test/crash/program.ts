import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Said {
  readonly state?: string
  readonly hyphalink?: string
  readonly keys?: readonly string[]
  readonly written?: readonly string[]
  readonly url?: string
  readonly error?: string
}

export interface Program {
  /** All that it has said. */
  readonly said: readonly Said[]
  /** The first thing said for which `check` holds. Undefined if it ended before. */
  until(check: (said: Said) => boolean): Promise<Said | undefined>
  /** Ends it as a power switch does. */
  kill(): Promise<void>
}

/** Starts a program of this folder, which says one line of JSON at a time. */
export const startProgram = (name: string, args: readonly string[]): Program => {
  const program = fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const said: Said[] = []
  const listeners = new Set<() => void>()
  let hasEnded = false
  const tell = () => {
    for (const look of [...listeners]) look()
  }
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    // A kill may cut one.
    if (line.endsWith('}')) said.push(JSON.parse(line))
    tell()
  })
  lines.on('close', () => {
    hasEnded = true
    tell()
  })
  return {
    said,
    until: (check) =>
      new Promise((resolve) => {
        const look = () => {
          const found = said.find(check)
          if (!found && !hasEnded) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
      }),
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

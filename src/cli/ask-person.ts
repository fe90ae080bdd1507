import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Around } from './context.js'

export interface Person {
  /** One line that was typed; undefined when the question was taken back, or nobody types any more. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>
  close(): void
}

/** Asks on the terminal. `leave` is called for Ctrl-C and Ctrl-D, which a terminal that edits lines keeps to itself. */
export const createPerson = ({ stdin, stderr }: Around, leave: () => void): Person => {
  const lines = createInterface({ input: stdin, output: stderr, historySize: 0 })
  lines.on('SIGINT', leave)
  lines.on('close', leave)
  const closed = once(lines, 'close').then(() => undefined)
  return {
    ask: (question, signal) =>
      Promise.race([closed, lines.question(question, { signal }).catch(() => undefined)]),
    close: () => {
      lines.off('close', leave)
      lines.close()
    },
  }
}

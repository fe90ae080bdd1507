import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Around } from './context.js'

/** Before a question is put nobody has typed for so long: what was typed ahead was meant for something else. */
const QUIET_MS = 1_000

export interface Person {
  /** One line that was typed; undefined when the question was taken back, or nobody types any more. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>
  close(): void
}

/** Resolves once nobody has typed for a moment; what came while this process was busy counts. */
const quiet = async (stdin: Around['stdin'], signal: AbortSignal): Promise<void> => {
  let isHeard = true
  const hear = () => {
    isHeard = true
  }
  stdin.on('data', hear)
  while (isHeard && !signal.aborted) {
    isHeard = false
    await setTimeout(QUIET_MS, undefined, { signal }).catch(() => {})
    // Timers come before what waits to be read.
    await setImmediate()
    await setImmediate()
  }
  stdin.off('data', hear)
}

/** Asks on the terminal. `leave` is called for Ctrl-C and Ctrl-D, which a terminal that edits lines keeps to itself. */
export const createPerson = ({ stdin, stderr }: Around, leave: () => void): Person => {
  const lines = createInterface({ input: stdin, output: stderr, historySize: 0 })
  lines.on('SIGINT', leave)
  lines.on('close', leave)
  const closed = once(lines, 'close').then(() => undefined)
  const ask = async (question: string, signal: AbortSignal): Promise<string | undefined> => {
    await quiet(stdin, signal)
    // A line that was begun before is not the answer's beginning.
    lines.write(null, { ctrl: true, name: 'e' })
    lines.write(null, { ctrl: true, name: 'u' })
    return lines.question(question, { signal })
  }
  return {
    ask: (question, signal) => Promise.race([closed, ask(question, signal).catch(() => undefined)]),
    close: () => {
      lines.off('close', leave)
      lines.close()
    },
  }
}

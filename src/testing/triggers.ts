import type { WireDirection } from './wire-direction.js'

/** Waits for bytes to have passed. */
export interface Triggers {
  /** Bytes that may pass in a direction until the next one is due. */
  room(direction: WireDirection): number
  taken(direction: WireDirection, count: number): void
  passed(direction: WireDirection): void
  /** Runs once so many more bytes have passed, in one direction or in both together; gives what forgets it. */
  after(bytes: number, direction: WireDirection | undefined, run: () => void): () => void
  clear(): void
}

interface Trigger {
  left: number
  readonly direction: WireDirection | undefined
  readonly run: () => void
  /** The write that brought it there, to be waited for: what is in a socket that is reset would be lost. */
  due?: { readonly direction: WireDirection; readonly write: number }
}

export const createTriggers = (): Triggers => {
  const triggers = new Set<Trigger>()
  const started = { up: 0, down: 0 }
  const finished = { up: 0, down: 0 }
  const concerning = (direction: WireDirection) =>
    [...triggers].filter((trigger) => (trigger.direction ?? direction) === direction)

  return {
    room: (direction) => Math.min(...concerning(direction).map(({ left }) => left)),
    taken: (direction, count) => {
      if (count === 0) return
      started[direction]++
      for (const trigger of concerning(direction)) {
        trigger.left -= count
        if (trigger.left === 0) trigger.due ??= { direction, write: started[direction] }
      }
    },
    passed: (direction) => {
      finished[direction]++
      for (const trigger of [...triggers]) {
        const { due } = trigger
        if (!due || finished[due.direction] < due.write) continue
        triggers.delete(trigger)
        trigger.run()
      }
    },
    after: (bytes, direction, run) => {
      const trigger: Trigger = { left: bytes, direction, run }
      triggers.add(trigger)
      return () => void triggers.delete(trigger)
    },
    clear: () => triggers.clear(),
  }
}

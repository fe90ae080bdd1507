/** Lets through what comes, or holds it until it is let through or turned away. */
export const createGate = () => {
  let isHeld = false
  const waiting: ((error?: Error) => void)[] = []
  const tickets: (Error | undefined)[] = []
  return {
    /** What comes from now on waits. */
    hold: () => {
      isHeld = true
    },
    /** Nothing waits any more. */
    free: () => {
      isHeld = false
      for (const pass of waiting.splice(0)) pass()
    },
    /** Lets the one through that has waited longest, or the next that comes; with an error, turns it away. */
    let: (error?: Error) => {
      const pass = waiting.shift()
      if (pass) pass(error)
      else tickets.push(error)
    },
    enter: (): Promise<void> => {
      if (tickets.length > 0) {
        const error = tickets.shift()
        return error ? Promise.reject(error) : Promise.resolve()
      }
      if (!isHeld) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push((error) => (error ? reject(error) : resolve()))
      })
    },
  }
}

export type Gate = ReturnType<typeof createGate>

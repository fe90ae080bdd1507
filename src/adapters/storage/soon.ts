type Answer<T> = (error: Error | null, value?: T) => void

let queue: (() => void)[] = []

const drain = (): void => {
  // Answers bring new questions, which are answered in the same go.
  for (let i = 0; i < queue.length; i++) {
    try {
      queue[i]?.()
    } catch (mistake) {
      // A callback's mistake is its owner's, and stops nothing here.
      queueMicrotask(() => {
        throw mistake
      })
    }
  }
  queue = []
}

/**
 * Answers before anything else can happen, but not within the call that asked, as hypercore expects of a storage. All
 * answers share one queue: a microtask for each costs more than most of what is asked.
 */
export const soon = <T>(answer: Answer<T> | undefined, error: Error | null, value?: T): void => {
  if (!answer) return
  if (queue.push(() => answer(error, value)) === 1) Promise.resolve().then(drain)
}

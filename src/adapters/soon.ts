type Answer<T> = (error: Error | null, value?: T) => void

/** Callback, error and value of each answer, one behind the other. */
let queue: unknown[] = []

const drain = (): void => {
  // Answers bring new questions, which are answered in the same go.
  for (let i = 0; i < queue.length; i += 3) {
    try {
      const answer = queue[i] as Answer<unknown>
      answer(queue[i + 1] as Error | null, queue[i + 2])
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
  if (answer && queue.push(answer, error, value) === 3) Promise.resolve().then(drain)
}

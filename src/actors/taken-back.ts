import type { QuestionsMemory } from '../adapters/storage/questions-memory.js'
import { MAX_TAKEN_BACK_REMEMBERED } from '../protocol/limits.js'
import { type QuestionKey, questionKey } from '../protocol/stored-questions.js'

/** Questions that were on this screen and were taken back: whoever has their messages can't bring them back, nor after a restart. */
export interface TakenBack {
  has(requestId: string, target: string): boolean
  add(requestId: string, target: string): void
  /** Reads what the storage remembers. */
  recall(): Promise<void>
  /** Resolves when nothing is being stored. */
  settled(): Promise<unknown>
}

export const createTakenBack = (memory: QuestionsMemory, report: (error: unknown) => void): TakenBack => {
  /** The newest last. */
  const keys = new Set<QuestionKey>()
  let due: Promise<void> | undefined
  return {
    has: (requestId, target) => keys.has(questionKey(requestId, target)),
    add: (requestId, target) => {
      keys.add(questionKey(requestId, target))
      const [oldest] = keys
      if (keys.size > MAX_TAKEN_BACK_REMEMBERED && oldest !== undefined) keys.delete(oldest)
      // However many come at once, one write is under way and one waits.
      due ??= memory
        .keep(() => {
          due = undefined
          return [...keys]
        })
        .catch(report)
    },
    recall: async () => {
      for (const key of await memory.recall()) keys.add(key)
    },
    settled: async () => due,
  }
}

import type { SmallRecord } from '../adapters/storage/small-record.js'
import { MAX_TAKEN_BACK_REMEMBERED } from '../protocol/limits.js'
import {
  decodeStoredQuestions,
  encodeStoredQuestions,
  type QuestionKey,
  questionKey,
} from '../protocol/stored-questions.js'

/** Questions that were on this screen and were taken back: whoever has their messages can't bring them back, nor after a restart. */
export interface TakenBack {
  has(requestId: string, target: string): boolean
  add(requestId: string, target: string): void
  /** Reads what the storage remembers. */
  recall(): Promise<void>
  /** Resolves when nothing is being stored. */
  settled(): Promise<unknown>
}

export const createTakenBack = (record: SmallRecord, report: (error: unknown) => void): TakenBack => {
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
      due ??= record
        .keep(() => {
          due = undefined
          return encodeStoredQuestions([...keys])
        })
        .catch(report)
    },
    recall: async () => {
      const bytes = await record.recall()
      for (const key of (bytes && decodeStoredQuestions(bytes)) ?? []) keys.add(key)
    },
    settled: async () => due,
  }
}

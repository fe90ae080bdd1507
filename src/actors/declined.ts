import type { NodeMemory } from '../adapters/storage/node-memory.js'
import { MAX_DECLINED_REMEMBERED } from '../protocol/limits.js'

/** Questions that a person said no to, the last ones. Who asks them again gets the same answer, and no person is bothered. */
export interface Declined {
  has(requestId: string): boolean
  /** Resolves when it will be known after a restart too. Never rejects. */
  add(requestId: string): Promise<void>
  /** What the storage remembers. */
  recall(requestIds: readonly string[]): void
}

export const createDeclined = (memory: NodeMemory, report: (error: unknown) => void): Declined => {
  /** The newest last. */
  let ids: readonly string[] = []
  return {
    has: (requestId) => ids.includes(requestId),
    add: async (requestId) => {
      if (ids.includes(requestId)) return
      ids = [...ids, requestId].slice(-MAX_DECLINED_REMEMBERED)
      await memory.keepDeclined(ids).catch(report)
    },
    recall: (requestIds) => {
      ids = requestIds
    },
  }
}

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

export const createDeclined = (
  memory: Pick<NodeMemory, 'keepDeclined'>,
  report: (error: unknown) => void,
): Declined => {
  /** The newest last. */
  let ids: readonly string[] = []
  let due: Promise<void> | undefined
  /** However many come at once, one write is under way and one waits. */
  const keep = (): Promise<void> => {
    due ??= memory
      .keepDeclined(() => {
        due = undefined
        return ids
      })
      .catch(report)
    return due
  }
  return {
    has: (requestId) => ids.includes(requestId),
    add: async (requestId) => {
      if (ids.includes(requestId)) return due
      ids = [...ids, requestId].slice(-MAX_DECLINED_REMEMBERED)
      await keep()
    },
    recall: (requestIds) => {
      ids = requestIds
    },
  }
}

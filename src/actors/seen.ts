import {
  CONTROL_REPLAY_TTL_MS,
  MAX_CONTROL_REPLAY,
  MAX_SEEN_MESSAGES,
  SEEN_MESSAGE_TTL_MS,
} from '../protocol/limits.js'
import { createReplayGuard, createSeenSet } from '../protocol/seen-set.js'
import type { Seen } from './deduplication.js'

/**
 * What a node has seen, on all its links: requests in a memory of their own, which nothing else can push out or fill. Only those
 * that were shown are kept there, and how many that can be is limited, by the keys that they are for.
 */
/** Answers to this node's own question, so that they count once. */
const MAX_ANSWERS_REMEMBERED = 256

export const createSeen = (): Seen => {
  const control = createReplayGuard({ max: MAX_CONTROL_REPLAY, ttl: CONTROL_REPLAY_TTL_MS })
  const answers = createSeenSet({ max: MAX_ANSWERS_REMEMBERED, ttl: CONTROL_REPLAY_TTL_MS })
  const messages = createSeenSet({ max: MAX_SEEN_MESSAGES, ttl: SEEN_MESSAGE_TTL_MS })
  const setOf = (id: string) => {
    if (id.startsWith('app:')) return messages
    return id.startsWith('answer:') ? answers : undefined
  }
  return {
    add: (id, now) => setOf(id)?.add(id, now) ?? control.add(id, now) === 'new',
    has: (id, now) => setOf(id)?.has(id, now) ?? false,
    delete: (id) => control.delete(id),
  }
}

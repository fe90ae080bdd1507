import {
  CONTROL_REPLAY_TTL_MS,
  MAX_CONTROL_REPLAY,
  MAX_SEEN_MESSAGES,
  SEEN_MESSAGE_TTL_MS,
} from '../protocol/limits.js'
import { createReplayGuard, createSeenSet } from '../protocol/seen-set.js'
import type { Seen } from './deduplication.js'

/**
 * What a node has seen, on all its links: control messages in a memory of their own, which an app's messages can't push
 * out.
 */
export const createSeen = (): Seen => {
  const control = createReplayGuard({ max: MAX_CONTROL_REPLAY, ttl: CONTROL_REPLAY_TTL_MS })
  const messages = createSeenSet({ max: MAX_SEEN_MESSAGES, ttl: SEEN_MESSAGE_TTL_MS })
  return {
    add: (id, now) => (id.startsWith('app:') ? messages.add(id, now) : control.add(id, now) === 'new'),
    has: (id, now) => (id.startsWith('app:') ? messages.has(id, now) : false),
    delete: (id) => control.delete(id),
  }
}

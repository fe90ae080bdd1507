import { fromCallback } from 'xstate'
import { MAX_PROMPTS } from '../machines/max-prompts.js'
import type { NodeEvent } from '../machines/node.js'

import { PROMPT_BURST, PROMPT_INTERVAL_MS, REPLACEMENT_BURST } from '../protocol/limits.js'

import { createTokenBucket } from '../protocol/rate-limit.js'
import type { NodeServices } from './services.js'

/** The prompts that wait, as the machine has them: request id → the key that it is about. */
export type PendingPrompts = () => ReadonlyMap<string, string>

/** Turns what control messages say into events of the node's machine. */
export const createChannelListener = (services: NodeServices, pending: PendingPrompts) =>
  fromCallback<{ type: string }, undefined>(({ sendBack }) => {
    const tell = (event: NodeEvent) => sendBack(event)
    // Whoever asks and takes back, under ever new keys, has room each time; a person's screen must not flicker for ever.
    const rate = 1_000 / PROMPT_INTERVAL_MS
    const fresh = createTokenBucket({ rate, burst: PROMPT_BURST })
    const replacing = createTokenBucket({ rate, burst: REPLACEMENT_BURST })
    return services.session?.channel?.listen({
      peerAppeared: () => tell({ type: 'peer.appeared' }),
      acknowledged: (by) => tell({ type: 'answer.acknowledged', by }),
      approved: (by) => tell({ type: 'answer.approved', by }),
      declined: (by) => tell({ type: 'answer.declined', by }),
      wasDeclined: services.declined.has,
      requested: (request) => {
        const prompts = pending()
        const { id, writerKey, legacy } = request
        if (prompts.has(id)) {
          if (prompts.get(id) !== writerKey) return false
          tell({ type: 'request.renewed', id })
          return true
        }
        const older = [...prompts].find(([, key]) => key === writerKey)?.[0]
        // A node that lost its request asks anew, and signed that it is the same. Anybody can send a 2019 request.
        if (older !== undefined && legacy) return false
        if (older === undefined && prompts.size >= MAX_PROMPTS) return false
        if (!(older === undefined ? fresh : replacing).take(services.clock.now())) return false
        tell({ type: 'request.received', request })
        return true
      },
      cancelled: (id, target) => {
        if (pending().get(id) === target) tell({ type: 'request.cancelled', id })
      },
      declinedElsewhere: (id) => {
        void services.declined.add(id)
        tell({ type: 'request.declinedElsewhere', id })
      },
    })
  })

import { fromCallback } from 'xstate'
import type { NodeEvent } from '../machines/node.js'
import { PROMPT_INTERVAL_MS } from '../protocol/limits.js'
import { createQuestions, type PendingPrompts } from './questions.js'
import type { NodeServices } from './services.js'

/** Turns what control messages say into events of the node's machine. */
export const createChannelListener = (services: NodeServices, pending: PendingPrompts) =>
  fromCallback<{ type: string }, undefined>(({ sendBack }) => {
    const tell = (event: NodeEvent) => sendBack(event)
    const { clock, takenBack } = services
    const now = () => clock.now()
    const questions = createQuestions({
      now,
      pending,
      show: (request, isPicked) =>
        tell({ type: 'request.received', request, ...(isPicked ? { isPicked } : {}) }),
      renew: (id) => tell({ type: 'request.renewed', id }),
      replaced: takenBack.add,
    })
    let timer: unknown
    let waiting = 0
    /** Comes back while questions wait: a place that becomes free is first for who asks then. */
    const review = () => {
      if (questions.waiting !== waiting) {
        waiting = questions.waiting
        services.questionsWaiting = waiting
        services.changed()
      }
      if (waiting > 0) timer ??= clock.setTimeout(look, PROMPT_INTERVAL_MS)
    }
    const look = () => {
      timer = undefined
      for (const { id, writerKey, legacy } of questions.look())
        if (!legacy) services.session?.channel?.acknowledge(id, writerKey)
      review()
    }
    services.waitingQuestions = {
      pick: (isMeant) => {
        const picked = questions.pick(isMeant)
        if (picked && !picked.legacy) services.session?.channel?.acknowledge(picked.id, picked.writerKey)
        review()
        return picked?.id
      },
      forget: () => {
        questions.forget()
        review()
      },
    }
    const stop = services.session?.channel?.listen({
      peerAppeared: () => tell({ type: 'peer.appeared' }),
      acknowledged: (by) => tell({ type: 'answer.acknowledged', by }),
      approved: (by) => tell({ type: 'answer.approved', by }),
      declined: (by) => tell({ type: 'answer.declined', by }),
      wasDeclined: services.declined.has,
      requested: (request, link) => {
        const isShown = questions.asked(request, link)
        review()
        return isShown
      },
      cancelled: (id, target) => {
        const isShown = pending().get(id) === target
        if (isShown) tell({ type: 'request.cancelled', id })
        if (isShown) takenBack.add(id, target)
        questions.takenBack(id, target)
        review()
        return isShown
      },
      wasTakenBack: takenBack.has,
      left: (link) => {
        questions.left(link)
        review()
      },
      declinedElsewhere: (id) => {
        void services.declined.add(id)
        tell({ type: 'request.declinedElsewhere', id })
      },
    })
    return () => {
      clock.clearTimeout(timer)
      services.questionsWaiting = 0
      services.waitingQuestions = undefined
      stop?.()
    }
  })

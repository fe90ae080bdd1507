import { waitFor } from 'xstate'
import { toError } from '../../actors/problems.js'
import type { NodeServices } from '../../actors/services.js'
import type { HyphaNode } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import { areSameWords } from '../../protocol/words-to-compare.js'
import type { NodeActor, Picture } from '../picture.js'
import { afterTransition, closed, type Gate, notAWriter } from './gate.js'
import { checkCall, mustBeRequestId, mustBeWords } from './given.js'

type Answering = Pick<HyphaNode, 'authorise' | 'decline' | 'declineAll' | 'showRequest'>

/** One that was answered elsewhere, or taken back, needs no answer any more. */
const mustBeGone = (error: unknown): void => {
  if (!(error instanceof HyphaError && error.code === 'REQUEST_UNKNOWN')) throw error
}

/** A person's answers to the requests of others. */
export const createAnswering = (
  services: NodeServices,
  actor: NodeActor,
  picture: Picture,
  gate: Gate,
  requireWords: boolean,
): Answering => {
  const promptOf = (id: string) => actor.getSnapshot().children.prompts?.getSnapshot().context.prompts[id]

  /** Sends a person's answer to a prompt and waits until it has been carried out. */
  const answer = async (type: 'authorise' | 'decline', id: string): Promise<void> => {
    gate.mustBeOpen()
    if (!gate.can({ type: 'write' })) throw notAWriter()
    const prompt = promptOf(id)
    const isShown = picture.requests().some((request) => request.id === id)
    if (!prompt || !isShown) {
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'There is no such request. It was answered, taken back or got too old.',
      )
    }
    actor.send({ type, id })
    await afterTransition()
    // A prompt that is stopped before it is settled is one of a node that was closed. One that is stopped by now tells nobody.
    if (prompt.getSnapshot().status === 'stopped') throw closed()
    const settled = await waitFor(
      prompt,
      ({ value }) => value !== 'authorising' && value !== 'declining',
    ).catch(() => {
      throw closed()
    })
    if (settled.value === 'pending') {
      const { problem } = settled.context
      throw problem
        ? toError(problem)
        : new HyphaError('AUTHORISATION_FAILED', 'The answer could not be carried out.')
    }
    const wanted = type === 'authorise' ? 'authorised' : 'declined'
    if (settled.context.outcome !== wanted) {
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'The request was answered differently, withdrawn, or has expired in the meantime.',
      )
    }
  }

  const wordsOf = (id: string) => promptOf(id)?.getSnapshot().context.words ?? []
  /** Also where the words are not shown, but typed. */
  const shownWith = (words: readonly string[] | string) =>
    picture.requests().find(({ id }) => areSameWords(words, wordsOf(id)))

  return {
    async authorise(requestId, how) {
      mustBeRequestId(requestId)
      if (how) checkCall('authorise', how)
      if (gate.mustComeBack()) await gate.comeBack()
      const words = how?.words
      const prompt = promptOf(requestId)
      if (prompt && (words === undefined ? requireWords : !areSameWords(words, wordsOf(requestId)))) {
        throw new HyphaError(
          'WORDS_WRONG',
          'These are not the words of this request. Compare with the other screen; if they differ there, decline.',
        )
      }
      await answer('authorise', requestId)
    },
    async decline(requestId) {
      mustBeRequestId(requestId)
      if (gate.mustComeBack()) await gate.comeBack()
      await answer('decline', requestId)
    },
    async declineAll() {
      if (gate.mustComeBack()) await gate.comeBack()
      gate.mustBeOpen()
      if (!gate.can({ type: 'write' })) throw notAWriter()
      const shown = picture.requests()
      // First, or what waits would take the places.
      services.waitingQuestions?.forget()
      await Promise.all(shown.map(({ id }) => answer('decline', id).catch(mustBeGone)))
    },
    async showRequest(words) {
      mustBeWords(words)
      if (gate.mustComeBack()) await gate.comeBack()
      gate.mustBeOpen()
      if (!gate.can({ type: 'write' })) throw notAWriter()
      if (!shownWith(words)) {
        services.waitingQuestions?.pick((request) => areSameWords(words, request.words))
        await afterTransition()
      }
      const found = shownWith(words)
      if (found) return found
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'No question with these words is here. Compare them with the other screen; if they are right, answer some of the others, or wait a moment: it asks again by itself.',
      )
    },
  }
}

import { HyphaError } from '../../protocol/errors.js'
import {
  decodeStoredQuestions,
  encodeStoredQuestions,
  MAX_STORED_QUESTIONS_BYTES,
  type QuestionKey,
} from '../../protocol/stored-questions.js'
import type { Crypto } from '../crypto/crypto.js'
import type { Storage } from './storage.js'
import { openTwoSlots, type TwoSlots } from './two-slots.js'

/** Which questions were taken back, beyond the life of the process. */
export interface QuestionsMemory {
  recall(): Promise<readonly QuestionKey[]>
  /** Those that there are when it is its turn. */
  keep(takenBack: () => readonly QuestionKey[]): Promise<void>
}

const failed = (cause: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'Which questions were taken back can not be stored. Check that the disk is there and not full.',
    { cause },
  )

export const createQuestionsMemory = (storage: Storage, crypto: () => Promise<Crypto>): QuestionsMemory => {
  let last: Promise<unknown> = Promise.resolve()
  let slots: TwoSlots | undefined
  const open = async (): Promise<TwoSlots> => {
    const { hash } = await crypto()
    const options = { storage, name: 'questions', maxBytes: MAX_STORED_QUESTIONS_BYTES, hash, failed }
    slots ??= await openTwoSlots(options)
    return slots
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  return {
    recall: () =>
      inTurn(async () => {
        slots = undefined
        const { record } = await open()
        return (record && decodeStoredQuestions(record)) ?? []
      }),
    keep: (takenBack) => inTurn(async () => (await open()).replace(encodeStoredQuestions(takenBack()))),
  }
}

import { fromHex, utf8 } from './bytes.js'
import { isJsonObject, ownField, parseJson } from './json.js'
import { MAX_TAKEN_BACK_REMEMBERED } from './limits.js'

const VERSION = 1
/** For each question its id and the key that asked, in hex, and what JSON is around them. */
export const MAX_STORED_QUESTIONS_BYTES = 32 * 1024

/** A question of another node that was taken back: `<writer key>:<request id>`, hex. */
export type QuestionKey = string

export const questionKey = (requestId: string, target: string): QuestionKey => `${target}:${requestId}`

const isQuestionKey = (key: unknown): key is QuestionKey => {
  if (typeof key !== 'string') return false
  const [target, request, ...rest] = key.split(':')
  return rest.length === 0 && fromHex(target, 32) !== undefined && fromHex(request, 16) !== undefined
}

export const encodeStoredQuestions = (takenBack: readonly QuestionKey[]): Uint8Array =>
  utf8(JSON.stringify({ v: VERSION, takenBack }))

/** Undefined for what is damaged or of a later version: then nothing is remembered, which only shows a question once more. */
export const decodeStoredQuestions = (bytes: Uint8Array): readonly QuestionKey[] | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_STORED_QUESTIONS_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const takenBack = ownField(json, 'takenBack')
  if (!Array.isArray(takenBack) || takenBack.length > MAX_TAKEN_BACK_REMEMBERED) return undefined
  return takenBack.every(isQuestionKey) ? takenBack : undefined
}

import type { Clock } from '../api.js'
import { toHex } from '../protocol/bytes.js'
import type { ClockMessage } from '../protocol/control-message.js'
import { HyphaError } from '../protocol/errors.js'
import { MAX_CLOCK_SKEW_MS } from '../protocol/limits.js'
import {
  CLOCK_ANSWER_BURST,
  CLOCK_ANSWER_TIMEOUT_MS,
  CLOCK_ANSWERS_PER_SECOND,
  CLOCK_QUESTION_INTERVAL_MS,
  CLOCK_REPORT_BURST,
  MAX_CLOCK_QUESTIONS,
  MAX_DOUBTED_BYTES,
  MAX_DOUBTED_FRAMES,
  MAX_KNOWN_CLOCKS,
} from '../protocol/message-limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import type { Untimely } from '../protocol/refusal.js'
import type { Link } from './link.js'

export interface ClocksOptions {
  readonly clock: Clock
  readonly localWriter: string
  readonly randomBytes: (length: number) => Uint8Array
  /** Sends what this node's clock says, as a question or an answer. */
  readonly say: (link: Link, message: { target: string; token: string; answers: boolean }) => void
  /** What a person calls that node, if it is known. */
  readonly nameOf: (writerKey: string) => string | undefined
  /** A clock is wrong, or messages came too late. */
  readonly report: (error: HyphaError) => void
}

/**
 * How far the clocks of others are ahead of this node's. Times in messages keep old ones from being heard again. So somebody whose
 * messages have times that can't be is asked what its clock says: its answer repeats a random number, and is no replay. Then its
 * messages are read by its own clock, and both persons are told.
 */
export interface Clocks {
  /** Milliseconds; 0 for who has not been asked. */
  offsetOf(writerKey: string): number
  /** A message has a time that can't be. `retry` runs once its sender's clock is known. */
  doubt(link: Link, message: Untimely, bytes: number, retry: () => void): void
  heard(link: Link, message: ClockMessage): void
  close(): void
}

interface Asked {
  readonly token: string
  readonly at: number
  readonly doubted: { readonly message: Untimely; readonly bytes: number; readonly retry: () => void }[]
  timer: unknown
}

const minutes = (ms: number): string => {
  const count = Math.round(Math.abs(ms) / 60_000)
  return count < 120 ? `${count} minutes` : `about ${Math.round(count / 60)} hours`
}

export const createClocks = (options: ClocksOptions): Clocks => {
  const { clock, localWriter, say } = options
  const known = new Map<string, { readonly offset: number; readonly at: number }>()
  const asked = new Map<string, Asked>()
  /** Whom this person was told of. */
  const wrong = new Set<string>()
  const late = new Set<string>()
  const answers = createTokenBucket({ rate: CLOCK_ANSWERS_PER_SECOND, burst: CLOCK_ANSWER_BURST })
  const reports = createTokenBucket({ rate: 1 / 60, burst: CLOCK_REPORT_BURST })
  let doubtedBytes = 0

  const nameOf = (writerKey: string, claimed?: string): string => {
    const name = options.nameOf(writerKey) ?? claimed
    return name === undefined ? `the device with the key ${writerKey.slice(0, 8)}…` : `“${name}”`
  }

  const tellWrong = (writerKey: string, offset: number, question: Asked | undefined) => {
    const claimed = question?.doubted.find(({ message }) => message.nodeName)?.message.nodeName
    if (wrong.has(writerKey) || !reports.take(clock.now())) return
    wrong.add(writerKey)
    const direction = offset > 0 ? 'behind' : 'ahead of'
    options.report(
      new HyphaError(
        'CLOCK_WRONG',
        `The clock of this device is ${minutes(offset)} ${direction} that of ${nameOf(writerKey, claimed)}. Set the time of the one that is wrong.`,
        { offsetMs: offset },
      ),
    )
  }
  const tellLate = ({ sender, messages = 0, issued }: Untimely, offset: number) => {
    if (messages === 0 || late.has(sender) || !reports.take(clock.now())) return
    if (late.size >= MAX_KNOWN_CLOCKS) late.clear()
    late.add(sender)
    options.report(
      new HyphaError(
        'MESSAGES_LOST',
        `A message of ${nameOf(sender)} came ${minutes(clock.now() + offset - issued)} after it was sent, which is too late: it was not delivered. What matters belongs in an entry.`,
        { count: messages },
      ),
    )
  }

  const forget = (writerKey: string): Asked | undefined => {
    const question = asked.get(writerKey)
    asked.delete(writerKey)
    clock.clearTimeout(question?.timer)
    for (const { bytes } of question?.doubted ?? []) doubtedBytes -= bytes
    return question
  }
  const giveUp = (writerKey: string) => {
    const question = forget(writerKey)
    // It knows of no such question, or is not there. But nothing can come from the future.
    const signed = question?.doubted.find(({ message }) => message.isSigned)?.message
    if (signed?.reason === 'from-the-future') tellWrong(writerKey, signed.issued - clock.now(), question)
  }
  const ask = (link: Link, writerKey: string): Asked | undefined => {
    const open = asked.get(writerKey)
    if (open) return open
    const now = clock.now()
    const last = known.get(writerKey)
    if (last && now >= last.at && now - last.at < CLOCK_QUESTION_INTERVAL_MS) return undefined
    if (asked.size >= MAX_CLOCK_QUESTIONS) return undefined
    const token = toHex(options.randomBytes(16))
    const question: Asked = { token, at: now, doubted: [], timer: undefined }
    question.timer = clock.setTimeout(() => giveUp(writerKey), CLOCK_ANSWER_TIMEOUT_MS)
    asked.set(writerKey, question)
    say(link, { target: writerKey, token, answers: false })
    return question
  }

  const learn = (writerKey: string, { issued }: ClockMessage) => {
    const question = forget(writerKey)
    if (!question) return
    const now = clock.now()
    // It said so at some moment between the question and now.
    const [least, most] = [issued - now, issued - question.at]
    const offset = Math.round((least + most) / 2)
    known.delete(writerKey)
    known.set(writerKey, { offset, at: now })
    const [oldest] = known.keys()
    if (known.size > MAX_KNOWN_CLOCKS && oldest !== undefined) {
      known.delete(oldest)
      wrong.delete(oldest)
    }
    if (least > MAX_CLOCK_SKEW_MS || most < -MAX_CLOCK_SKEW_MS) tellWrong(writerKey, offset, question)
    else wrong.delete(writerKey)
    for (const { retry } of question.doubted) retry()
  }

  return {
    offsetOf: (writerKey) => known.get(writerKey)?.offset ?? 0,
    doubt: (link, message, bytes, retry) => {
      const { sender } = message
      if (sender === localWriter) return
      const question = ask(link, sender)
      // Its clock is known, and the message is old all the same.
      if (!question) {
        if (message.reason === 'expired' && known.has(sender) && !asked.has(sender))
          tellLate(message, known.get(sender)?.offset ?? 0)
        return
      }
      if (question.doubted.length >= MAX_DOUBTED_FRAMES || doubtedBytes + bytes > MAX_DOUBTED_BYTES) return
      doubtedBytes += bytes
      question.doubted.push({ message, bytes, retry })
    },
    heard: (link, message) => {
      const { sender, target, request, issued } = message
      if (target !== localWriter || sender === localWriter) return
      if (message.answers) {
        if (asked.get(sender)?.token === request) learn(sender, message)
        return
      }
      const now = clock.now()
      if (!answers.take(now)) return
      say(link, { target: sender, token: request, answers: true })
      // What it says may be a replay: it is asked itself.
      if (Math.abs(issued - now) > MAX_CLOCK_SKEW_MS) ask(link, sender)
    },
    close: () => {
      for (const writerKey of [...asked.keys()]) forget(writerKey)
    },
  }
}

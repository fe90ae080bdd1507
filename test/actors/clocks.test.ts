import { expect, it } from 'vitest'
import { createClocks } from '../../src/actors/clocks.js'
import { createLink } from '../../src/actors/link.js'
import type { Connection } from '../../src/adapters/transport/transport.js'
import type { HyphaError } from '../../src/index.js'
import type { ClockMessage } from '../../src/protocol/control-message.js'
import { MAX_CLOCK_SKEW_MS, MESSAGE_LIFETIME_MS } from '../../src/protocol/limits.js'
import {
  CLOCK_ANSWER_BURST,
  CLOCK_REPORT_BURST,
  MAX_CLOCK_QUESTIONS,
} from '../../src/protocol/message-limits.js'
import { createSimulatedClock } from '../../src/testing/clock.js'

const OWN = '00'.repeat(32)
const keyOf = (i: number) => `ab${i.toString(16).padStart(62, '0')}`

const setUp = () => {
  const clock = createSimulatedClock()
  const said: { target: string; token: string; answers: boolean }[] = []
  const told: HyphaError[] = []
  let tokens = 0
  const clocks = createClocks({
    clock,
    localWriter: OWN,
    randomBytes: (length) => new Uint8Array(length).fill(++tokens),
    say: (_, message) => said.push(message),
    nameOf: () => undefined,
    report: (error) => told.push(error),
  })
  const link = createLink('1', {} as Connection)
  const clockMessage = (sender: string, request: string, issued: number, answers: boolean): ClockMessage => ({
    kind: 'clock',
    answers,
    seenKey: '',
    target: OWN,
    request,
    issued,
    expiresAt: issued,
    message: '',
    sender,
  })
  return {
    clock,
    clocks,
    said,
    told,
    ask: (sender: string, token: string, issued: number) =>
      clocks.heard(link, clockMessage(sender, token, issued, false)),
    answer: (sender: string, token: string, issued: number) =>
      clocks.heard(link, clockMessage(sender, token, issued, true)),
    doubt: (sender: string, issued: number, retry = () => {}) =>
      clocks.doubt(
        link,
        { kind: 'refused', reason: 'expired', sender, isSigned: false, issued, messages: 1 },
        100,
        retry,
      ),
  }
}

it('blames no clock for a message that was slow, and says that it was lost', () => {
  const { clock, said, told, answer, doubt } = setUp()
  const issued = clock.now() - MESSAGE_LIFETIME_MS
  let retried = 0
  const late = () => {
    retried++
    doubt(keyOf(1), issued)
  }
  doubt(keyOf(1), issued, late)
  expect(said).toHaveLength(1)
  answer(keyOf(1), said[0]?.token ?? '', clock.now())
  expect(retried).toBe(1)
  expect(told.map(({ code }) => code)).toEqual(['MESSAGES_LOST'])
})

it('believes only the answer to its own question, and no clock more than it took to answer', () => {
  const { clock, clocks, said, told, answer, doubt } = setUp()
  doubt(keyOf(1), 0)
  answer(keyOf(1), 'ff'.repeat(16), 0)
  answer(keyOf(2), said[0]?.token ?? '', 0)
  expect(told).toEqual([])
  clock.advance(5_000)
  // It said so when it was asked, or just now: at the one it was within what clocks may differ by.
  answer(keyOf(1), said[0]?.token ?? '', clock.now() - MAX_CLOCK_SKEW_MS - 2_500)
  expect(told).toEqual([])
  expect(clocks.offsetOf(keyOf(1))).toBe(-MAX_CLOCK_SKEW_MS)
})

it('answers, asks and tells no more than its limits', () => {
  const { clock, clocks, said, told, ask, answer, doubt } = setUp()
  for (let i = 0; i < CLOCK_ANSWER_BURST + 10; i++) ask(keyOf(1), 'aa'.repeat(16), clock.now())
  expect(said.splice(0)).toHaveLength(CLOCK_ANSWER_BURST)
  for (let i = 1; i <= MAX_CLOCK_QUESTIONS + 10; i++) doubt(keyOf(i), 0)
  expect(said).toHaveLength(MAX_CLOCK_QUESTIONS)
  for (const { target, token } of said) answer(target, token, 60_000)
  expect(told.map(({ code }) => code)).toEqual(new Array(CLOCK_REPORT_BURST).fill('CLOCK_WRONG'))
  clocks.close()
})

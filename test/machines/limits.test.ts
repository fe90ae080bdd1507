import { expect, it } from 'vitest'
import {
  GREETING_DELAY_MS,
  MAX_PROMPTS,
  PROMPT_LIFETIME_MS,
  RENEWAL_DELAY_MS,
} from '../../src/machines/index.js'
import {
  CONTROL_REPLAY_TTL_MS,
  GREETING_TIMEOUT_MS,
  MAX_PENDING_PROMPTS,
  RENEW_BEFORE_END_MS,
  REQUEST_LIFETIME_MS,
} from '../../src/protocol/limits.js'

it('machines, which import nothing of ours, keep to the limits of the protocol', () => {
  expect(MAX_PROMPTS).toBe(MAX_PENDING_PROMPTS)
  expect(RENEWAL_DELAY_MS).toBe(REQUEST_LIFETIME_MS - RENEW_BEFORE_END_MS)
  expect(PROMPT_LIFETIME_MS).toBe(CONTROL_REPLAY_TTL_MS)
  expect(GREETING_DELAY_MS).toBe(GREETING_TIMEOUT_MS)
})

import { expect, it } from 'vitest'
import {
  FIRST_WAIT_MS,
  GREETING_DELAY_MS,
  MAX_EARLY_WAIT_MS,
  MAX_PROMPTS,
  MAX_WAIT_MS,
  PROMPT_LIFETIME_MS,
  RENEWAL_DELAY_MS,
  STABLE_MS,
} from '../../src/machines/index.js'
import {
  CONTROL_REPLAY_TTL_MS,
  GREETING_TIMEOUT_MS,
  MAX_PENDING_PROMPTS,
  REDIAL_EARLY_MAX_MS,
  REDIAL_FIRST_MS,
  REDIAL_MAX_MS,
  RENEW_BEFORE_END_MS,
  REQUEST_LIFETIME_MS,
  STABLE_CONNECTION_MS,
} from '../../src/protocol/limits.js'

it('machines, which import nothing of ours, keep to the limits of the protocol', () => {
  expect(MAX_PROMPTS).toBe(MAX_PENDING_PROMPTS)
  expect(RENEWAL_DELAY_MS).toBe(REQUEST_LIFETIME_MS - RENEW_BEFORE_END_MS)
  expect(PROMPT_LIFETIME_MS).toBe(CONTROL_REPLAY_TTL_MS)
  expect(GREETING_DELAY_MS).toBe(GREETING_TIMEOUT_MS)
  expect([FIRST_WAIT_MS, MAX_EARLY_WAIT_MS, MAX_WAIT_MS]).toEqual([
    REDIAL_FIRST_MS,
    REDIAL_EARLY_MAX_MS,
    REDIAL_MAX_MS,
  ])
  expect(STABLE_MS).toBe(STABLE_CONNECTION_MS)
})

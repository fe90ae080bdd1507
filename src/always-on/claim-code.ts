import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Storage } from '../adapters/storage/storage.js'
import { openTwoSlots } from '../adapters/storage/two-slots.js'
import { fromUtf8, utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import {
  CLAIM_TRIES_PER_MINUTE,
  MAX_CLAIM_ADDRESSES,
  MAX_CLAIM_CODE_LENGTH,
  MIN_CLAIM_CODE_LENGTH,
} from '../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'

/** Without letters and digits that look alike. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const GROUPS = 3
const GROUP_LENGTH = 4

/** 59 bits. */
export const drawClaimCode = (randomBytes: Crypto['randomBytes']): string => {
  let code = ''
  while (code.length < GROUPS * GROUP_LENGTH) {
    const byte = randomBytes(1)[0]!
    // Each letter as likely as any other.
    if (byte < ALPHABET.length * 8) code += ALPHABET[byte % ALPHABET.length]
  }
  return code.replace(/(.{4})(?=.)/g, '$1-')
}

/** People type it in small letters, and with spaces. */
const normalise = (given: string): string => given.toUpperCase().replace(/[\s-]/g, '')

/**
 * A code that the keeper chose.
 * @throws HyphaError OPTION_INVALID, which does not repeat it
 */
export const checkClaimCode = (given: unknown): string => {
  const length = typeof given === 'string' ? normalise(given).length : 0
  if (typeof given === 'string' && length >= MIN_CLAIM_CODE_LENGTH && given.length <= MAX_CLAIM_CODE_LENGTH)
    return given
  throw new HyphaError(
    'OPTION_INVALID',
    `A claim code is a text of at least ${MIN_CLAIM_CODE_LENGTH} characters, not counting spaces and hyphens, and of ${MAX_CLAIM_CODE_LENGTH} at most. Choose one that nobody guesses.`,
  )
}

const failed = (cause?: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'The claim code could not be read or written. Check that the disk is there, whole and not full.',
    { cause },
  )

/** What is stored of a code: what wraps it may add to its length. */
const MAX_RECORD_BYTES = 1_024

/**
 * The code of this storage: the one of last time, else a new one, which is stored.
 * @param onError hears of one that was damaged, in whose place there is a new one
 * @throws HyphaError STORAGE_FAILED
 */
export const openClaimCode = async (
  storage: Storage,
  { hash, randomBytes }: Pick<Crypto, 'hash' | 'randomBytes'>,
  onError: (error: HyphaError) => void,
): Promise<string> => {
  const slots = await openTwoSlots({
    storage,
    name: 'claim-code',
    maxBytes: MAX_RECORD_BYTES,
    hash,
    failed,
  })
  const { wrapping } = storage
  const stored = slots.record && (wrapping ? await wrapping.unwrap(slots.record) : slots.record)
  const before = stored && fromUtf8(stored)
  if (before !== undefined) return before
  if (slots.record || slots.isDamaged)
    onError(
      new HyphaError(
        'STORAGE_DAMAGED',
        'The claim code that was stored here is damaged, and there is a new one in its place. Who wants to claim a place needs the new one.',
      ),
    )
  const code = drawClaimCode(randomBytes)
  await slots.replace(wrapping ? await wrapping.wrap(utf8(code)) : utf8(code))
  return code
}

export interface ClaimCode {
  /** `busy` once an address has sent too many wrong ones within a minute. */
  check(given: string | undefined, address: string, now: number): 'right' | 'wrong' | 'busy'
}

/**
 * Compares with the code that shows that whoever claims has it from this server's keeper. It is good for every place that is
 * free, as one that is spent by the first claim would have to be printed again for the next.
 */
export const createClaimCode = (
  secret: string,
  { randomBytes, hash }: Pick<Crypto, 'hash' | 'randomBytes'>,
): ClaimCode => {
  const key = randomBytes(32)
  const digest = hash(utf8(normalise(secret)), { key })
  const tries = new Map<string, TokenBucket>()

  const triesOf = (address: string): TokenBucket => {
    const bucket =
      tries.get(address) ??
      createTokenBucket({ rate: CLAIM_TRIES_PER_MINUTE / 60, burst: CLAIM_TRIES_PER_MINUTE })
    tries.delete(address)
    tries.set(address, bucket)
    const oldest = tries.keys().next()
    if (tries.size > MAX_CLAIM_ADDRESSES && !oldest.done) tries.delete(oldest.value)
    return bucket
  }

  return {
    check: (given, address, now) => {
      // A claim without a code is no try at guessing it.
      if (given === undefined) return 'wrong'
      // Taken for every try, as an answer to one that is right tells as much as to one that is wrong.
      if (!triesOf(address).take(now)) return 'busy'
      const other = hash(utf8(normalise(given)), { key })
      let difference = 0
      for (let i = 0; i < digest.length; i++) difference |= digest[i]! ^ other[i]!
      return difference === 0 ? 'right' : 'wrong'
    },
  }
}

import type { Crypto } from '../adapters/crypto/crypto.js'
import { utf8 } from '../protocol/bytes.js'
import { CLAIM_TRIES_PER_MINUTE, MAX_CLAIM_ADDRESSES } from '../protocol/limits.js'
import { createTokenBucket, type TokenBucket } from '../protocol/rate-limit.js'

/** Without letters and digits that look alike. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const GROUPS = 3
const GROUP_LENGTH = 4

export interface ClaimCode {
  /** As it is printed: `7KQM-2XHB-W9TC`, 59 bits. */
  readonly code: string
  /** `busy` once an address has sent too many wrong ones within a minute. */
  check(given: string | undefined, address: string, now: number): 'right' | 'wrong' | 'busy'
}

const draw = (randomBytes: Crypto['randomBytes']): string => {
  let code = ''
  while (code.length < GROUPS * GROUP_LENGTH) {
    const byte = randomBytes(1)[0]!
    // Each letter as likely as any other.
    if (byte < ALPHABET.length * 8) code += ALPHABET[byte % ALPHABET.length]
  }
  return code
}

const normalise = (given: string): string => given.toUpperCase().replace(/[\s-]/g, '')

/**
 * The code that shows that whoever claims has seen this server's output. Drawn anew at each start; good for every place that
 * is free, as one that is spent by the first claim would have to be printed again for the next.
 */
export const createClaimCode = ({ randomBytes, hash }: Crypto): ClaimCode => {
  const secret = draw(randomBytes)
  const key = randomBytes(32)
  const digest = hash(utf8(secret), { key })
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
    code: secret.replace(/(.{4})(?=.)/g, '$1-'),
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

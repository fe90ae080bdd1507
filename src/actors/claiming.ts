import { fromCallback } from 'xstate'
import type { Keyring } from '../adapters/crypto/keyring.js'
import { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'
import { type ClaimRefusal, encodeGreeting, readGreeting } from '../protocol/greeting.js'
import { readFirstBytes } from './first-bytes.js'
import type { Link } from './link.js'

/** Why there is no place, for programs: the `reason` of CLAIM_REFUSED. */
type Reason = Exclude<ClaimRefusal, 'code' | 'busy'> | 'code-missing' | 'code-wrong' | 'too-many-tries'

const REASONS: Record<Reason, string> = {
  'not-hosted': 'The always-on node no longer has a place for this hypha. Try again, or use another one.',
  full: 'Every place on the always-on node is taken. Use another one, or start it with more places.',
  'code-missing':
    'The always-on node asks for the code that it printed when it started. Give it to the transport as claimCode.',
  'code-wrong':
    'The claim code is wrong: the always-on node did not accept it. Look at what it printed when it started. Give it to the transport as claimCode.',
  proof: 'The always-on node did not accept the proof. Check that both run the same version of the runtime.',
  'too-many-tries':
    'The always-on node has had too many wrong codes from here. Wait a minute, then give the right one.',
}

const refused = (error: HyphaError) => ({
  type: 'replication.refused',
  problem: { code: error.code, message: error.message },
})

/** Claims a place on an always-on node: proves that this is one of the person’s nodes, and tells it the hyphalink. */
export const createClaiming = (services: {
  links: Map<string, Link>
  keyring: () => Keyring | undefined
  report: (error: HyphaError) => void
}) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input, sendBack }) => {
    const link = services.links.get(input.linkId)
    const keyring = services.keyring()
    if (!link?.placeNonce) return
    const { stream, confidential, address, claimCode, isCodeRefused, onCodeRefused } = link.connection
    const refuse = (code: HyphaErrorCode, message: string, reason?: Reason) => {
      const error = new HyphaError(code, `${address}: ${message}`, {
        address,
        ...(reason === undefined ? {} : { reason }),
      })
      // Of the code that was wrong the person has been told, and that is what stays on the screen.
      if (reason !== 'code-missing' || !isCodeRefused) services.report(error)
      sendBack(refused(error))
    }
    const refuseClaim = (reason: Reason) => refuse('CLAIM_REFUSED', REASONS[reason], reason)
    if (!keyring) {
      refuse(
        'NOT_HOSTED',
        'The always-on node does not keep this hypha, and a reader can not claim a place. One of the person’s nodes has to connect there first.',
      )
      return
    }
    if (!confidential) {
      refuse(
        'CLAIM_INSECURE',
        'A place is claimed over an encrypted connection only. Use an https or wss address.',
      )
      return
    }
    // It would be refused, and the hyphalink is told to nobody who gives no place.
    if (link.placeTakesCode && claimCode === undefined) return refuseClaim('code-missing')
    const claim = keyring.claim(link.placeNonce)
    const code = claimCode === undefined ? {} : { code: claimCode }
    stream.write(encodeGreeting({ type: 'claim', hyphalink: keyring.hyphalink, ...claim, ...code }))
    return readFirstBytes(
      stream,
      (bytes) => {
        const greeting = readGreeting(bytes)
        if (greeting === 'more') return 'more'
        const answer = typeof greeting === 'string' ? undefined : greeting.message
        return { value: answer, rest: new Uint8Array(0) }
      },
      (answer) => {
        if (answer?.type === 'claimed') return sendBack({ type: 'replication.claimed' })
        const reason = answer?.type === 'refused' ? answer.reason : 'proof'
        if (reason === 'busy') return refuseClaim('too-many-tries')
        if (reason !== 'code') return refuseClaim(reason)
        onCodeRefused?.()
        refuseClaim(claimCode === undefined ? 'code-missing' : 'code-wrong')
      },
    )
  })

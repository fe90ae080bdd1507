import { fromCallback } from 'xstate'
import type { Keyring } from '../adapters/crypto/keyring.js'
import { HyphaError } from '../protocol/errors.js'
import { type ClaimRefusal, encodeGreeting, readGreeting } from '../protocol/greeting.js'
import { readFirstBytes } from './first-bytes.js'
import type { Link } from './link.js'

const REASONS: Record<ClaimRefusal, string> = {
  'not-hosted': 'The always-on node no longer has a place for this hypha. Try again, or use another one.',
  full: 'Every place on the always-on node is taken. Use another one, or start it with more places.',
  code: 'The always-on node asks for the code that it printed when it started. Give it to the transport as claimCode.',
  proof: 'The always-on node did not accept the proof. Check that both run the same version of the runtime.',
  busy: 'The always-on node has had too many tries. Wait a minute.',
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
    const refuse = (code: 'CLAIM_INSECURE' | 'NOT_HOSTED' | 'CLAIM_REFUSED', message: string) => {
      const error = new HyphaError(code, `${link?.connection.address}: ${message}`)
      services.report(error)
      sendBack(refused(error))
    }
    if (!link?.placeNonce) return
    const { stream, confidential, claimCode } = link.connection
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
        if (answer?.type === 'claimed') sendBack({ type: 'replication.claimed' })
        else refuse('CLAIM_REFUSED', REASONS[answer?.type === 'refused' ? answer.reason : 'proof'])
      },
    )
  })

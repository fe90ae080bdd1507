import { fromCallback } from 'xstate'
import type { Link } from '../actors/link.js'
import { encodeGreeting, type Greeting } from '../protocol/greeting.js'
import { createGreetingScanner } from '../protocol/greeting-scanner.js'

export type Claim = Extract<Greeting, { type: 'claim' }>

export interface ClaimingServices {
  readonly links: Map<string, Link>
  /** Decides, and hosts the hypha if the answer is that it is claimed. */
  readonly decide: (link: Link, claim: Claim) => Promise<Greeting>
  readonly onError: (error: unknown) => void
}

/**
 * The listening end of a claim: waits for it behind the replication that the peer had begun, has it decided, and answers.
 * Sends `replication.claimed` once the peer has been told.
 */
export const createClaiming = ({ links, decide, onError }: ClaimingServices) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input, sendBack }) => {
    const link = links.get(input.linkId)
    if (!link) return
    const { stream } = link.connection
    const scanner = createGreetingScanner()
    let isStopped = false

    const answer = (greeting: Greeting) => {
      if (isStopped || stream.destroyed) return
      // Before the replication actor tells of the same close as an end.
      if (greeting.type === 'claimed') {
        stream.prependOnceListener('close', () => {
          if (!isStopped) sendBack({ type: 'replication.claimed' })
        })
      }
      stream.end(encodeGreeting(greeting))
      stream.resume()
    }

    const take = (chunk: Uint8Array) => {
      const found = scanner.push(chunk)
      if (found === 'more') return
      stream.off('data', take)
      stream.pause()
      if (found === 'bad' || found.type !== 'claim') return answer({ type: 'refused', reason: 'proof' })
      decide(link, found).then(answer, (error: unknown) => {
        onError(error)
        answer({ type: 'refused', reason: 'busy' })
      })
    }
    // Who read the first bytes left it paused, and a listener alone doesn't change that.
    stream.on('data', take).resume()
    return () => {
      isStopped = true
      stream.off('data', take)
    }
  })

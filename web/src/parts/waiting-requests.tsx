import type { AuthorisationRequest, HyphaNode } from 'hypha-runtime'
import { useGuard } from '../hooks/use-guard.js'
import { useNow } from '../hooks/use-now.js'
import { Device } from './device.js'
import { headingOf, ManyRequests } from './many-requests.js'
import { AnswerButtons, JustAppeared, LegacyNote, LookalikeNote, useRequestAnswer } from './request-answer.js'
import { Time } from './time.js'
import { Words } from './words.js'

const Request = ({ node, request, now }: { node: HyphaNode; request: AuthorisationRequest; now: number }) => {
  const { answer, busy, trouble } = useRequestAnswer(node, request)
  const guard = useGuard()
  return (
    <li class="request">
      <h3 id={headingOf(request.id)} tabIndex={-1}>
        <Device writerKey={request.writerKey} name={request.nodeName} resembles={request.resembles} />
      </h3>
      <LookalikeNote resembles={request.resembles} />
      {request.legacy && <LegacyNote />}
      <p class="hint">
        Asked <Time at={request.receivedAt} now={now} />. It should show these words:
      </p>
      <Words words={request.words} label="Words to compare" />
      <p class="field-error" role="alert">
        {trouble}
      </p>
      <JustAppeared guard={guard} busy={busy} />
      <div class="row" ref={guard.answers}>
        <AnswerButtons
          guard={guard}
          busy={busy}
          listedAs={request.nodeName}
          onAnswer={(how) => void answer(how)}
        />
      </div>
    </li>
  )
}

/** What was left for later: it stays until it is answered, or taken back. */
export const WaitingRequests = ({
  node,
  requests,
  more,
}: {
  node: HyphaNode
  requests: readonly AuthorisationRequest[]
  /** Questions that are not shown yet. */
  more: number
}) => {
  const now = useNow()
  if (requests.length === 0 && more === 0) return null
  return (
    <section class="card requests" aria-labelledby="requests-title">
      <h2 id="requests-title">
        Waiting requests <span class="badge">{requests.length + more}</span>
      </h2>
      <p>
        Devices that signed in with your passphrase want to write. If one isn’t yours, or shows other words,
        decline. A device that may write can’t be stopped later.
      </p>
      <ul>
        {requests.map((request) => (
          <Request key={request.id} node={node} request={request} now={now} />
        ))}
      </ul>
      {more > 0 && (
        <p role="status">
          {more === 1 ? 'One more request waits and is' : `${more} more requests wait and are`} shown when
          there is room. That many at once is unusual: decline what isn’t yours. If they don’t stop, somebody
          has your passphrase.
        </p>
      )}
      {requests.length + more > 1 && <ManyRequests node={node} count={requests.length + more} />}
    </section>
  )
}

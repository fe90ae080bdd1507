import type { NodeSnapshot } from 'hypha-runtime'
import { useEffect } from 'preact/hooks'
import { useAnswer } from '../hooks/use-answer.js'
import { useStore } from '../hooks/use-store.js'
import { say } from '../lib/announcer.js'
import { hasArrived } from '../lib/arrival.js'
import { isOnlyHere } from '../lib/place.js'
import { declined } from '../lib/reminders.js'
import type { Session } from '../node.js'
import { Device } from './device.js'
import { Words } from './words.js'

/** On a device that may not write: why not, and what to do about it. */
export const Waiting = ({ session, snapshot }: { session: Session; snapshot: NodeSnapshot }) => {
  const { node, road } = session
  const { state, request, name, writerKey, nodes, peers } = snapshot
  const answer = useAnswer(node, state)
  const wasDeclined = useStore(declined)
  const isDeclined = state === 'readOnly' && (wasDeclined || answer?.outcome === 'declined')
  useEffect(() => {
    if (isDeclined) say('One of your devices declined. This device goes on reading.')
  }, [isDeclined])

  if (state === 'readOnly')
    return (
      <section class="card waiting" aria-labelledby="waiting-title">
        <h2 id="waiting-title">{isDeclined ? 'One of your devices declined' : 'This device only reads'}</h2>
        <p>
          {isDeclined
            ? 'This device goes on reading. If that was a mistake, ask again and choose Authorise.'
            : hasArrived(snapshot)
              ? 'It shows what you write elsewhere. To write here, ask your other devices.'
              : 'It will show what you write elsewhere. To write here, ask your other devices.'}
        </p>
        <button
          type="button"
          onClick={() => {
            // How it ends shows in the node's state.
            node.requestAuthorisation().catch(() => {})
          }}
        >
          {answer || isDeclined ? 'Ask again' : 'Ask to write'}
        </button>
      </section>
    )
  const answeredBy = nodes.find(({ writerKey }) => writerKey === request?.answeredBy)
  return (
    <section class="card waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">Say yes on another of your devices</h2>
      {request?.answeredBy ? (
        <p role="status">
          {answeredBy ? <Device writerKey={answeredBy.writerKey} /> : 'Another device'} said yes. It arrives
          in a moment…
        </p>
      ) : (
        <>
          <p>
            {hasArrived(snapshot) && 'This device reads already. '}Before it may write, you say so on a device
            that may:
          </p>
          <ol class="steps">
            <li>
              Open Hypha there
              {road.host === '' ? (
                ''
              ) : (
                <>
                  {' '}
                  (<span class="address">{road.host}</span>)
                </>
              )}
              .
              {isOnlyHere && (
                <span class="hint">
                  {' '}
                  That is another window of this computer, at the address that it was opened by first:
                  127.0.0.1 and localhost are two devices.
                </span>
              )}
            </li>
            <li>
              It asks: Authorise <Device writerKey={writerKey} name={name} />?
            </li>
            <li>Compare these words. If they are the same there, press Authorise.</li>
          </ol>
        </>
      )}
      <Words words={request?.words ?? []} label="Words to compare" />
      <p class="hint">
        {peers.length === 0
          ? 'Not connected yet: the question goes out as soon as this device is.'
          : 'Asked. It can wait as long as it needs to: leave this page open.'}
      </p>
      <button type="button" class="secondary" onClick={() => node.cancelRequest()}>
        Stop asking
      </button>
    </section>
  )
}

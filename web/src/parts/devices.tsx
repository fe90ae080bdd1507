import type { KnownNode, NodeSnapshot, WriterSync } from 'hypha-runtime'
import { useNow } from '../hooks/use-now.js'
import { isOnlyHere } from '../lib/place.js'
import { roadName } from '../lib/road-name.js'
import { Device, markOf } from './device.js'
import { Name } from './name.js'
import { Time } from './time.js'

/** Whether it is here, by which road; or when it was. */
const Whereabouts = ({ node: { isSelf, presence }, now }: { node: KnownNode; now: number }) => {
  const { here, road, relayed, lastSeen } = presence
  if (isSelf) return null
  if (!here) {
    return (
      <p class="presence hint" data-tone="off">
        {lastSeen === undefined ? (
          'Not here now'
        ) : (
          <>
            Last here <Time at={lastSeen} now={now} />
          </>
        )}
      </p>
    )
  }
  const through = road === 'webSocket' ? 'through the server' : `by ${roadName(road ?? '')} through a relay`
  return (
    <p class="presence hint" data-tone="on">
      Here now, {relayed ? through : `directly by ${roadName(road ?? '')}`}
    </p>
  )
}

/** While some of what it wrote has yet to come. */
const Missing = ({ sync }: { sync: WriterSync | undefined }) =>
  sync === undefined || sync.blocks.known === 0 || sync.percent === 100 ? null : (
    <p class="hint">{sync.percent} % of what it wrote is here</p>
  )

/** Who may write, who of them is here, since when, and who said so. */
export const Devices = ({ snapshot: { nodes, state, sync } }: { snapshot: NodeSnapshot }) => {
  const now = useNow()
  const isKnown = (writerKey: string) => nodes.some((node) => node.writerKey === writerKey)
  return (
    <section class="card" aria-labelledby="devices-title">
      <h2 id="devices-title">Devices that may write</h2>
      {nodes.length === 0 && (
        <p class="hint">Not known yet: the list comes with the first things that arrive.</p>
      )}
      <ul class="devices">
        {nodes.map((node) => {
          const { writerKey, name, authorisedBy, authorisedAt, isSelf, resembles } = node
          return (
            <li key={writerKey}>
              <p>
                {/* The chip says here which is this one. */}
                <Name>{name}</Name> {resembles && <span class="name-mark">{markOf(writerKey)}</span>}{' '}
                {isSelf && <span class="chip">this device</span>}
              </p>
              <p class="hint">
                {!isKnown(authorisedBy) ? (
                  'You signed up on it'
                ) : (
                  <>
                    Authorised by <Device writerKey={authorisedBy} />
                  </>
                )}
                {authorisedAt > 0 && (
                  <>
                    , <Time at={authorisedAt} now={now} />
                  </>
                )}
              </p>
              <Whereabouts node={node} now={now} />
              <Missing sync={sync.writers.find((writer) => writer.writerKey === writerKey)} />
            </li>
          )
        })}
      </ul>
      {state === 'origin' && nodes.length === 1 && (
        <p class="hint">
          {isOnlyHere ? (
            <>
              To add one, open <span class="address">{location.host}</span> in another window of this
              computer, a private one say, and sign in with your passphrase. For other devices start the
              server with <span class="address">--host</span>.
            </>
          ) : (
            <>
              To add one, open <span class="address">{location.host}</span> there and sign in with your
              passphrase.
            </>
          )}
        </p>
      )}
    </section>
  )
}

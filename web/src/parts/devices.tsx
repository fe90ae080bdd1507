import type { NodeSnapshot } from 'hypha-runtime'
import { useNow } from '../hooks/use-now.js'
import { isOnlyHere } from '../lib/place.js'
import { Device, markOf } from './device.js'
import { Name } from './name.js'
import { Time } from './time.js'

/** Who may write, since when, and who said so. */
export const Devices = ({ snapshot: { nodes, state } }: { snapshot: NodeSnapshot }) => {
  const now = useNow()
  const isKnown = (writerKey: string) => nodes.some((node) => node.writerKey === writerKey)
  const isShared = (name: string) => nodes.filter((node) => node.name === name).length > 1
  return (
    <section class="card" aria-labelledby="devices-title">
      <h2 id="devices-title">Devices that may write</h2>
      {nodes.length === 0 && (
        <p class="hint">Not known yet: the list comes with the first things that arrive.</p>
      )}
      <ul class="devices">
        {nodes.map(({ writerKey, name, authorisedBy, authorisedAt, isSelf }) => (
          <li key={writerKey}>
            <p>
              {/* The chip says here which is this one. */}
              <Name>{name}</Name> {isShared(name) && <span class="name-mark">{markOf(writerKey)}</span>}{' '}
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
          </li>
        ))}
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

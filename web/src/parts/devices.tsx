import type { NodeSnapshot } from 'hypha-runtime'
import { useNow } from '../hooks/use-now.js'
import { Name } from './name.js'
import { Time } from './time.js'

/** Who may write, since when, and who said so. */
export const Devices = ({ snapshot: { nodes, state } }: { snapshot: NodeSnapshot }) => {
  const now = useNow()
  const nameOf = (writerKey: string) => nodes.find((node) => node.writerKey === writerKey)?.name
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
              <Name>{name}</Name> {isSelf && <span class="chip">this device</span>}
            </p>
            <p class="hint">
              {nameOf(authorisedBy) === undefined ? (
                'You signed up on it'
              ) : (
                <>
                  Authorised by <Name>{nameOf(authorisedBy) ?? ''}</Name>
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
          To add one, open <span class="address">{location.host}</span> there and sign in with your
          passphrase.
        </p>
      )}
    </section>
  )
}

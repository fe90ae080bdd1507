import type { NodeSnapshot } from 'hypha-runtime'
import { hasArrived } from '../lib/arrival.js'
import type { Session } from '../node.js'

const ROADS: Readonly<Record<string, string>> = { webSocket: 'WebSocket', webRTC: 'WebRTC', tcp: 'TCP' }

const number = new Intl.NumberFormat('en')

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address)

/** Whom this device talks to, and how much of everything is here. */
export const Connection = ({ session, snapshot }: { session: Session; snapshot: NodeSnapshot }) => {
  const { peers, sync } = snapshot
  const isHere = hasArrived(snapshot)
  return (
    <section class="card" aria-labelledby="connection-title">
      <h2 id="connection-title">Connection</h2>
      {peers.length === 0 ? (
        <>
          <p class="status" data-tone="off" role="status">
            Not connected to <span class="address">{session.road.host}</span>. It is tried again by itself.
          </p>
          <p class="hint">What you do here is kept, and goes out later.</p>
        </>
      ) : (
        <>
          <p class="status" data-tone="on" role="status">
            Connected
          </p>
          <ul class="peers">
            {peers.map(({ id, transport, direction, address }) => (
              <li key={id}>
                {hostOf(address) === session.road.host ? (
                  <span>
                    This server, <span class="address">{session.road.host}</span>
                  </span>
                ) : (
                  <span class="address">{address}</span>
                )}
                <span class="hint">
                  {ROADS[transport] ?? transport},{' '}
                  {direction === 'outgoing' ? 'dialled from here' : 'dialled from there'}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="sync-label" id="sync-label">
        {!isHere
          ? 'Waiting for the first things to arrive'
          : sync.complete
            ? 'Everything known is here'
            : `${number.format(sync.folded)} of ${number.format(sync.known)} parts are here`}
      </p>
      {isHere && <progress aria-labelledby="sync-label" max={100} value={sync.percent} />}
    </section>
  )
}

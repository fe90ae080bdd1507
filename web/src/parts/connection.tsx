import type { NodeSnapshot, Peer, Sync } from 'hypha-runtime'
import { hasArrived } from '../lib/arrival.js'
import { roadName } from '../lib/road-name.js'
import { sizeOf } from '../lib/size.js'
import type { Session } from '../node.js'
import { Device } from './device.js'
import { Roads } from './roads.js'

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address)

/** How it is reached, how far away it is, and how much has passed. */
const roadOf = ({ transport, relayed, roundTripMs, bytesReceived, bytesSent, spares }: Peer): string =>
  [
    relayed ? `${roadName(transport)} through a relay` : roadName(transport),
    ...(roundTripMs === undefined ? [] : [`${Math.max(1, Math.round(roundTripMs))} ms`]),
    `${sizeOf(bytesReceived)} in, ${sizeOf(bytesSent)} out`,
    ...(spares.length > 0 ? [`spare: ${spares.map(roadName).join(', ')}`] : []),
  ].join(' · ')

/** How far it has come, in all, and how fast it goes. */
const progressOf = ({ percent, writers, rate }: Sync): string => {
  const here = writers.reduce((sum, { bytes }) => sum + bytes.here, 0)
  const known = writers.reduce((sum, { bytes }) => sum + bytes.known, 0)
  const speed = rate > 0 ? `, ${sizeOf(rate)} a second` : ''
  return `${percent} % is here: ${sizeOf(here)} of ${sizeOf(known)}${speed}`
}

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
            {peers.map((peer) => (
              <li key={peer.id}>
                {hostOf(peer.address) === session.road.host ? (
                  <span>
                    This server, <span class="address">{session.road.host}</span>
                  </span>
                ) : peer.writerKey === undefined ? (
                  <span class="address">{peer.address}</span>
                ) : (
                  <span>
                    <Device writerKey={peer.writerKey} name="A device that may only read" />
                  </span>
                )}
                <span class="hint">{roadOf(peer)}</span>
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
            : progressOf(sync)}
      </p>
      {isHere && <progress aria-labelledby="sync-label" max={100} value={sync.percent} />}
      <Roads node={session.node} transports={snapshot.transports} />
    </section>
  )
}

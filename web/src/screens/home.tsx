import type { NodeSnapshot } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import { useFocus } from '../hooks/use-focus.js'
import { useTitle } from '../hooks/use-title.js'
import { hasArrived } from '../lib/arrival.js'
import type { Session } from '../node.js'
import { Admitted } from '../parts/admitted.js'
import { Connection } from '../parts/connection.js'
import { Device, KnownNodes } from '../parts/device.js'
import { Devices } from '../parts/devices.js'
import { Entries } from '../parts/entries.js'
import { Mark } from '../parts/mark.js'
import { NothingThere, useIsNothingThere } from '../parts/nothing-there.js'
import { Notices } from '../parts/notices.js'
import { Prompt } from '../parts/prompt.js'
import { Technical } from '../parts/technical.js'
import { Unconfirmed } from '../parts/unconfirmed.js'
import { Waiting } from '../parts/waiting.js'
import { WaitingRequests } from '../parts/waiting-requests.js'

const ROLES: Partial<Record<NodeSnapshot['state'], string>> = {
  origin: 'Reads and writes',
  writer: 'Reads and writes',
  readOnly: 'Reads only',
  awaitingAuthorisation: 'Waiting for your yes',
}

/** Undefined on a device that may write. */
const whyNotWriting = (snapshot: NodeSnapshot): string | undefined => {
  const { state } = snapshot
  if (state === 'origin' || state === 'writer') return undefined
  if (state !== 'awaitingAuthorisation') return 'To write here, ask your other devices, above.'
  const reads = hasArrived(snapshot) ? ' Reading works already.' : ''
  return `Writing waits until this device is authorised.${reads}`
}

export const Home = ({
  session,
  snapshot,
  onStartOver,
  onOtherPassphrase,
}: {
  session: Session
  snapshot: NodeSnapshot
  onStartOver(): Promise<void>
  onOtherPassphrase(): Promise<void>
}) => {
  const { node } = session
  const { state, name, writerKey, requests, nodes, notices } = snapshot
  const heading = useFocus<HTMLHeadingElement>()
  const [later, setLater] = useState<ReadonlySet<string>>(new Set())
  const whyNot = whyNotWriting(snapshot)
  const isNothingThere = useIsNothingThere(session, snapshot)
  const mayWrite = whyNot === undefined
  const asking = requests.filter(({ id }) => !later.has(id))
  const postponed = requests.filter(({ id }) => later.has(id))
  useTitle(requests.length + notices.length, name)
  return (
    <KnownNodes.Provider value={nodes}>
      <header class="bar">
        <p class="brand">
          <Mark /> Hypha
        </p>
        <h1 tabIndex={-1} ref={heading}>
          <Device writerKey={writerKey} name={name} />
        </h1>
        <p class="pill" data-state={state}>
          {ROLES[state] ?? state}
        </p>
      </header>
      <main class="home">
        <Unconfirmed onStartOver={onStartOver} />
        <Admitted node={node} notices={notices} />
        <Notices session={session} />
        {session.forgets && (
          <p class="hint forgets">
            This page keeps nothing on this device: when it closes, the device has to sign in and be
            authorised again.
          </p>
        )}
        {mayWrite && <WaitingRequests node={node} requests={postponed} more={snapshot.requestsWaiting} />}
        {!mayWrite &&
          (isNothingThere ? (
            <NothingThere host={session.road.host} onOtherPassphrase={onOtherPassphrase} />
          ) : (
            <Waiting session={session} snapshot={snapshot} />
          ))}
        <Entries store={session.store} whyNot={whyNot} isSynced={snapshot.sync.complete} />
        <aside class="side" aria-label="Devices and connection">
          <Devices snapshot={snapshot} />
          <Connection session={session} snapshot={snapshot} />
          <Technical session={session} snapshot={snapshot} />
        </aside>
      </main>
      {mayWrite && (
        <Prompt node={node} requests={asking} onLater={(ids) => setLater(new Set([...later, ...ids]))} />
      )}
    </KnownNodes.Provider>
  )
}

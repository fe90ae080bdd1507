import type { NodeSnapshot } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import { useStore } from '../hooks/use-store.js'
import { hasArrived } from '../lib/arrival.js'
import type { Session } from '../node.js'

export const UNKNOWN_HYPHA = 'HYPHA_UNKNOWN'

/** Whether the server has said that it has nothing of this hypha, and nothing has come since. */
export const useIsNothingThere = ({ notices }: Session, snapshot: NodeSnapshot): boolean =>
  useStore(notices).some(({ code }) => code === UNKNOWN_HYPHA) && !hasArrived(snapshot)

/** Instead of waiting: what may be wrong, and a way back to the passphrase. */
export const NothingThere = ({
  host,
  onOtherPassphrase,
}: {
  host: string
  onOtherPassphrase(): Promise<void>
}) => {
  const [isLeaving, setIsLeaving] = useState(false)
  return (
    <section class="card waiting" aria-labelledby="nothing-title">
      <h2 id="nothing-title">Nothing of this hypha is on this server</h2>
      <div role="status">
        <p>
          The words fit together, but <span class="address">{host}</span> has nothing that belongs to them:
        </p>
        <ul>
          <li>Is this the passphrase of your other devices, and not of another hypha of yours?</li>
          <li>Do your other devices use another server?</li>
          <li>
            Has the device where you signed up been connected to this server yet? Connect it, and this page
            goes on by itself.
          </li>
        </ul>
      </div>
      <button
        type="button"
        disabled={isLeaving}
        onClick={() => {
          setIsLeaving(true)
          void onOtherPassphrase()
        }}
      >
        Use another passphrase
      </button>
      <p class="hint">Nothing is lost by it: nothing has arrived on this device.</p>
    </section>
  )
}

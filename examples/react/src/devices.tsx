import type { KnownNode } from 'hypha-runtime'
import { useNodes } from 'hypha-runtime/react'
import { useId } from 'react'

const time = new Intl.DateTimeFormat('en', { timeStyle: 'short' })

const whereabouts = ({ isSelf, presence }: KnownNode): string => {
  if (isSelf) return 'this device'
  const { here, relayed, lastSeen } = presence
  if (here) return relayed ? 'here, through the server' : 'here, directly'
  return lastSeen === undefined ? 'not here' : `last here at ${time.format(lastSeen)}`
}

/** Who may write, and who of them is here. */
export const Devices = () => {
  const nodes = useNodes()
  const title = useId()
  return (
    <section className="card" aria-labelledby={title}>
      <h2 id={title}>Devices</h2>
      <ul className="devices">
        {nodes.map((node) => (
          <li key={node.writerKey} data-here={node.presence.here}>
            <span>
              {node.name}
              {node.resembles !== undefined && (
                <small> ({node.writerKey.slice(0, 4)}: another device has this name, or one like it)</small>
              )}
            </span>
            <span className="soft">{whereabouts(node)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

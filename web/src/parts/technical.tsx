import type { NodeSnapshot } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import { useStore } from '../hooks/use-store.js'
import type { Session } from '../node.js'
import { Copy } from './copy.js'

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' })

const Key = ({ name, value }: { name: string; value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>
      <span class="key">{value}</span>
      <Copy text={value} label="Copy" what={name} />
    </dd>
  </>
)

/** What happens underneath, for those who want to see it: keys and signals. */
const Inside = ({ session, snapshot }: { session: Session; snapshot: NodeSnapshot }) => {
  const signals = useStore(session.signals)
  const { hyphalink, writerKey, state, sync } = snapshot
  return (
    <>
      <dl>
        <dt>State</dt>
        <dd>
          <span class="key">{state}</span>
        </dd>
        <dt>Blocks read</dt>
        <dd>
          <span class="key">
            {sync.folded.toLocaleString('en')} of {sync.known.toLocaleString('en')}
          </span>
        </dd>
        {hyphalink !== undefined && <Key name="Hyphalink" value={hyphalink} />}
        {writerKey !== undefined && <Key name="This device’s writer key" value={writerKey} />}
      </dl>
      <p class="hint">Who has the hyphalink can copy this hypha and read what is public in it.</p>
      <h3>Signals</h3>
      <ol class="signals">
        {signals.map(({ id, at, text }) => (
          <li key={id}>
            <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time> {text}
          </li>
        ))}
      </ol>
    </>
  )
}

export const Technical = (props: { session: Session; snapshot: NodeSnapshot }) => {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details class="card technical" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Technical details</summary>
      {isOpen && <Inside {...props} />}
    </details>
  )
}

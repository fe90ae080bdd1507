import { useNodes, useSync } from 'hypha-runtime/react'
import { useId } from 'react'

const size = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'byte',
  notation: 'compact',
  unitDisplay: 'narrow',
})

/** How much of what each device wrote is here. */
export const Progress = () => {
  const { percent, complete, writers, rate } = useSync()
  const nodes = useNodes()
  const title = useId()
  return (
    <section className="card" aria-labelledby={title}>
      <h2 id={title}>{complete ? 'All of it is here' : 'On its way'}</h2>
      <progress max={100} value={percent} aria-labelledby={title} />
      <p className="soft">
        {percent} %{rate > 0 && `, ${size.format(rate)} a second`}
      </p>
      <dl className="writers">
        {writers.map(({ writerKey, bytes, percent }) => (
          <div key={writerKey}>
            <dt>{nodes.find((node) => node.writerKey === writerKey)?.name ?? 'A device'}</dt>
            <dd>
              {size.format(bytes.here)} of {size.format(bytes.known)}, {percent} %
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

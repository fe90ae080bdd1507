import { useHypha } from 'hypha-runtime/react'
import { useId } from 'react'
import { Words } from './words.js'

/** On a device that may not write yet: what to do about it. */
export const Waiting = () => {
  const { node, request } = useHypha()
  const title = useId()
  return (
    <section className="card question" aria-labelledby={title}>
      <h2 id={title}>{request ? 'Say yes on another of your devices' : 'This device only reads'}</h2>
      {request ? (
        <>
          <p>It asks whether this one may write, and shows these words, if it is this one that it means:</p>
          <Words words={request.words} />
          <button type="button" className="quiet" onClick={() => node.cancelRequest()}>
            Don’t ask any more
          </button>
        </>
      ) : (
        <button type="button" onClick={() => void node.requestAuthorisation()}>
          Ask to write
        </button>
      )}
    </section>
  )
}

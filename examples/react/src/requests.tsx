import type { AuthorisationRequest } from 'hypha-runtime'
import { useHypha, useRequests } from 'hypha-runtime/react'
import { useId, useState } from 'react'
import { Words } from './words.js'

/** The devices that ask. */
export const Requests = () => useRequests().map((request) => <Request key={request.id} request={request} />)

const Request = ({ request: { id, nodeName, words } }: { request: AuthorisationRequest }) => {
  const { node } = useHypha()
  const title = useId()
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  /** What succeeds takes the question away. */
  const answer = async (work: Promise<void>) => {
    setIsBusy(true)
    setTrouble(undefined)
    try {
      await work
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
      setIsBusy(false)
    }
  }
  return (
    <section className="card question" aria-labelledby={title}>
      <h2 id={title}>May “{nodeName}” write?</h2>
      <p>Say yes only if its screen shows the same words, in the same order.</p>
      <Words words={words} />
      {trouble !== undefined && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
      <div className="row">
        <button type="button" disabled={isBusy} onClick={() => answer(node.authorise(id))}>
          Yes, the words are the same
        </button>
        <button type="button" className="quiet" disabled={isBusy} onClick={() => answer(node.decline(id))}>
          No
        </button>
      </div>
    </section>
  )
}

import type { AuthorisationRequest } from 'hypha-runtime'
import { useHypha, useRequests } from 'hypha-runtime/react'
import { type MouseEvent, useId, useLayoutEffect, useRef, useState } from 'react'
import { guardQuestion, type QuestionGuard } from './question-guard.js'
import { Words } from './words.js'

/** The devices that ask. */
export const Requests = () => useRequests().map((request) => <Request key={request.id} request={request} />)

/** Keeps a question from being answered by a click that was meant for what was there before. */
const useGuard = () => {
  const answers = useRef<HTMLDivElement>(null)
  const guard = useRef<QuestionGuard>(undefined)
  const [isOpen, setIsOpen] = useState(false)
  useLayoutEffect(() => {
    if (!answers.current) return
    guard.current = guardQuestion(answers.current, setIsOpen)
    return guard.current.stop
  }, [])
  const takes = ({ nativeEvent }: MouseEvent) => guard.current?.takes(nativeEvent) === true
  return { answers, isOpen, takes }
}

const Request = ({ request: { id, nodeName, words, resembles } }: { request: AuthorisationRequest }) => {
  const { node } = useHypha()
  const title = useId()
  const { answers, isOpen, takes } = useGuard()
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  /** What succeeds takes the question away. */
  const answer = async (click: MouseEvent, work: () => Promise<void>) => {
    if (!takes(click)) return
    setIsBusy(true)
    setTrouble(undefined)
    try {
      await work()
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error))
      setIsBusy(false)
    }
  }
  return (
    <section className="card question" aria-labelledby={title}>
      <h2 id={title}>May “{nodeName}” write?</h2>
      <p>Say yes only if its screen shows the same words, in the same order.</p>
      {resembles !== undefined && (
        <p>Another of your devices has this name, or one that looks like it. This is not that device.</p>
      )}
      <Words words={words} />
      {trouble !== undefined && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
      <p role="status" style={{ opacity: isOpen || isBusy ? 0 : 1 }}>
        {isOpen ? 'It can be answered now.' : 'It has just appeared. In a moment it can be answered.'}
      </p>
      <div className="row" ref={answers}>
        <button
          type="button"
          disabled={isBusy}
          aria-disabled={!isOpen}
          onClick={(click) => answer(click, () => node.authorise(id))}
        >
          Yes, the words are the same
        </button>
        <button
          type="button"
          className="quiet"
          disabled={isBusy}
          aria-disabled={!isOpen}
          onClick={(click) => answer(click, () => node.decline(id))}
        >
          No
        </button>
      </div>
    </section>
  )
}

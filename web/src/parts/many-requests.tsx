import type { HyphaNode } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import { useGuard } from '../hooks/use-guard.js'
import { say } from '../lib/announcer.js'
import { toTrouble } from '../lib/explain.js'
import { Field } from './field.js'
import { AnswerButton, JustAppeared } from './request-answer.js'

/** Where a request's heading can be found. */
export const headingOf = (requestId: string): string => `request-${requestId}`

/** For who stands beside one device while many ask: it is found by its words, and the others are declined at once. */
export const ManyRequests = ({ node, count }: { node: HyphaNode; count: number }) => {
  const guard = useGuard()
  const [words, setWords] = useState('')
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()

  const find = async (event: Event) => {
    event.preventDefault()
    if (words.trim() === '') return
    setTrouble(undefined)
    try {
      const { id, nodeName } = await node.showRequest(words)
      setWords('')
      say(`${nodeName} shows these words.`)
      // One that has only come to the screen asks in a dialog, which takes the focus.
      document.getElementById(headingOf(id))?.focus()
    } catch (error) {
      setTrouble(toTrouble(error).message)
    }
  }
  const declineAll = async () => {
    setIsBusy(true)
    setTrouble(undefined)
    try {
      await node.declineAll()
      say('All were declined.')
    } catch (error) {
      setTrouble(toTrouble(error).message)
    }
    setIsBusy(false)
  }
  return (
    <div class="many-requests">
      <form class="inline-form" onSubmit={find}>
        <Field
          id="words-of-request"
          label="Words on the screen of your other device"
          value={words}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          error={trouble}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
        <button type="submit">Find its request</button>
      </form>
      <JustAppeared guard={guard} busy={isBusy ? 'decline' : undefined} />
      <div class="row" ref={guard.answers}>
        <AnswerButton guard={guard} kind="danger" isBusy={isBusy} onAnswer={() => void declineAll()}>
          {isBusy ? 'Declining…' : `Decline all ${count}`}
        </AnswerButton>
      </div>
    </div>
  )
}

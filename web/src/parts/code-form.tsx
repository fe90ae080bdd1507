import { useEffect, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import type { Road } from '../lib/road.js'
import { Field } from './field.js'

const WRONG = 'The server did not accept this code.'

/**
 * Takes the code that an always-on node printed, and claims a place there with it.
 * @param refusal is another object each time that the server has not accepted one
 */
export const CodeForm = ({ road, refusal }: { road: Road; refusal: object | undefined }) => {
  const [code, setCode] = useState('')
  const [wasSent, setWasSent] = useState(false)
  useEffect(() => {
    if (!refusal) return
    setWasSent(false)
    say(WRONG)
  }, [refusal])
  const send = async (event: Event) => {
    event.preventDefault()
    if (code.trim() === '') return
    setWasSent(true)
    say('The code was sent.')
    await road.useCode(code.trim())
  }
  return (
    <form class="inline-form" onSubmit={send}>
      <Field
        id="claim-code"
        label="Code of this server"
        value={code}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        {...(wasSent ? { hint: 'Sent. The server answers in a moment.' } : {})}
        error={refusal && !wasSent ? WRONG : undefined}
        onInput={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <button type="submit">Use this code</button>
    </form>
  )
}

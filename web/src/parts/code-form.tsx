import { useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import type { Road } from '../lib/road.js'
import { Field } from './field.js'

/** Takes the code that an always-on node printed, and claims a place there with it. */
export const CodeForm = ({ road }: { road: Road }) => {
  const [code, setCode] = useState('')
  const [wasSent, setWasSent] = useState(false)
  const send = async (event: Event) => {
    event.preventDefault()
    if (code.trim() === '') return
    await road.useCode(code.trim())
    setWasSent(true)
    say('The code was sent.')
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
        {...(wasSent ? { hint: 'Sent. If this stays, the code was not the right one.' } : {})}
        onInput={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <button type="submit">Use this code</button>
    </form>
  )
}

import type { AuthorisationRequest, HyphaNode } from 'hypha-runtime'
import { useEffect, useRef } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { Device } from './device.js'
import { AnswerButtons, LegacyNote, useRequestAnswer } from './request-answer.js'
import { Words } from './words.js'

/** Asks about the first of the devices that want to write. Escape is Later. */
export const Prompt = ({
  node,
  requests,
  onLater,
}: {
  node: HyphaNode
  requests: readonly AuthorisationRequest[]
  onLater(id: string): void
}) => {
  const [request] = requests
  return request ? (
    <Question key={request.id} node={node} request={request} count={requests.length} onLater={onLater} />
  ) : null
}

const Question = ({
  node,
  request,
  count,
  onLater,
}: {
  node: HyphaNode
  request: AuthorisationRequest
  count: number
  onLater(id: string): void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const { answer, busy, trouble } = useRequestAnswer(node, request)
  const { id, nodeName, writerKey, words, legacy } = request
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    // On the question, not on a button: who was typing when it came has answered nothing.
    heading.current?.focus()
    say(`${nodeName} asks to write.`)
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class="prompt"
      aria-labelledby="prompt-title"
      aria-describedby="prompt-text"
      onCancel={(event) => {
        event.preventDefault()
        if (!busy) onLater(id)
      }}
    >
      {count > 1 && <p class="hint">The first of {count} devices that ask</p>}
      <h2 id="prompt-title" tabIndex={-1} ref={heading}>
        Authorise <Device writerKey={writerKey} name={nodeName} />?
      </h2>
      <div id="prompt-text">
        <p>
          A device that signed in with your passphrase wants to write. Does it show these words? If it isn’t
          yours, or they differ, decline.
        </p>
        {legacy && <LegacyNote />}
        <Words words={words} label="Words to compare" />
        <p class="hint">A device that may write can’t be stopped later.</p>
      </div>
      <p class="field-error" role="alert">
        {trouble}
      </p>
      <div class="row answers">
        <AnswerButtons busy={busy} onAnswer={(how) => void answer(how)} />
        <button type="button" class="secondary" disabled={busy !== undefined} onClick={() => onLater(id)}>
          Later
        </button>
      </div>
    </dialog>
  )
}

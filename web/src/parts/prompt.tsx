import type { AuthorisationRequest, HyphaNode } from 'hypha-runtime'
import { useEffect, useRef } from 'preact/hooks'
import { useGuard } from '../hooks/use-guard.js'
import { say } from '../lib/announcer.js'
import { lastPointer } from '../lib/pointer.js'
import { Device } from './device.js'
import {
  AnswerButton,
  AnswerButtons,
  JustAppeared,
  LegacyNote,
  LookalikeNote,
  useRequestAnswer,
} from './request-answer.js'
import { Words } from './words.js'

/** Asks about the first of the devices that want to write. Escape is Later. */
export const Prompt = ({
  node,
  requests,
  onLater,
}: {
  node: HyphaNode
  requests: readonly AuthorisationRequest[]
  onLater(ids: readonly string[]): void
}) => {
  const [request] = requests
  return request ? (
    <Question
      key={request.id}
      node={node}
      request={request}
      count={requests.length}
      onLater={() => onLater([request.id])}
      onAllLater={() => onLater(requests.map(({ id }) => id))}
    />
  ) : null
}

/** Around a pointer: a hand is never quite still. */
const NEAR_PX = 8

/** Moves the dialog so that its answers don't lie under the pointer, where there is room. */
const stepAside = (dialog: HTMLElement, answers: Element): void => {
  const pointer = lastPointer()
  if (!pointer) return
  const isUnder = () => {
    const { left, right, top, bottom } = answers.getBoundingClientRect()
    const [across, down] = [pointer.x, pointer.y]
    return (
      across > left - NEAR_PX && across < right + NEAR_PX && down > top - NEAR_PX && down < bottom + NEAR_PX
    )
  }
  for (const place of ['', 'top', 'bottom', 'right', 'left']) {
    dialog.dataset.place = place
    if (!isUnder()) return
  }
  dialog.dataset.place = ''
}

const Question = ({
  node,
  request,
  count,
  onLater,
  onAllLater,
}: {
  node: HyphaNode
  request: AuthorisationRequest
  count: number
  onLater(): void
  onAllLater(): void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const { answer, busy, trouble } = useRequestAnswer(node, request)
  const guard = useGuard()
  const { nodeName, writerKey, words, legacy, resembles } = request
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    if (dialog.current && guard.answers.current) stepAside(dialog.current, guard.answers.current)
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
        if (!busy) onLater()
      }}
      // Some browsers end a dialog at a second Escape, whatever was said to the first.
      onClose={onLater}
    >
      {count > 1 && <p class="hint">The first of {count} devices that ask</p>}
      <h2 id="prompt-title" tabIndex={-1} ref={heading}>
        Authorise <Device writerKey={writerKey} name={nodeName} resembles={resembles} />?
      </h2>
      <div id="prompt-text">
        <p>
          A device that signed in with your passphrase wants to write. Does it show these words? If it isn’t
          yours, or they differ, decline.
        </p>
        <LookalikeNote resembles={resembles} />
        {legacy && <LegacyNote />}
        <Words words={words} label="Words to compare" />
        <p class="hint">A device that may write can’t be stopped later.</p>
      </div>
      <p class="field-error" role="alert">
        {trouble}
      </p>
      <div class="answers">
        <JustAppeared guard={guard} busy={busy} />
        <div class="row" ref={guard.answers}>
          <AnswerButtons guard={guard} busy={busy} onAnswer={(how) => void answer(how)} />
          <AnswerButton guard={guard} kind="secondary" isBusy={busy !== undefined} onAnswer={onLater}>
            Later
          </AnswerButton>
          {count > 1 && (
            <AnswerButton guard={guard} kind="secondary" isBusy={busy !== undefined} onAnswer={onAllLater}>
              {`See all ${count}`}
            </AnswerButton>
          )}
        </div>
      </div>
    </dialog>
  )
}

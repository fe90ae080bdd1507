import type { AuthorisationRequest, HyphaNode } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import type { Guard } from '../hooks/use-guard.js'
import { say } from '../lib/announcer.js'
import { toTrouble } from '../lib/explain.js'
import { Device } from './device.js'

/** Answers one request, and knows how that goes. */
export const useRequestAnswer = (node: HyphaNode, { id, nodeName }: AuthorisationRequest) => {
  const [busy, setBusy] = useState<{ id: string; how: 'authorise' | 'decline' }>()
  const [trouble, setTrouble] = useState<{ id: string; message: string }>()
  const answer = async (how: 'authorise' | 'decline') => {
    setBusy({ id, how })
    setTrouble(undefined)
    try {
      await node[how](id)
      say(how === 'authorise' ? `${nodeName} may write now.` : `${nodeName} was declined.`)
    } catch (error) {
      setTrouble({ id, message: toTrouble(error).message })
    }
    setBusy(undefined)
  }
  return {
    answer,
    busy: busy?.id === id ? busy.how : undefined,
    trouble: trouble?.id === id ? trouble.message : undefined,
  }
}

/** A button that does nothing, and says so, while the question has only just appeared. It keeps the focus. */
export const AnswerButton = ({
  guard,
  label,
  kind,
  isBusy,
  onAnswer,
  children,
}: {
  guard: Guard
  label?: string | undefined
  kind?: 'danger' | 'secondary'
  isBusy: boolean
  onAnswer(): void
  children: string
}) => (
  <button
    type="button"
    class={kind}
    disabled={isBusy}
    aria-disabled={guard.isOpen ? undefined : true}
    aria-label={label}
    onClick={(click) => {
      if (guard.takes(click)) onAnswer()
    }}
  >
    {children}
  </button>
)

/** The two answers. Among several in a list their names hold the device's. */
export const AnswerButtons = ({
  guard,
  busy,
  listedAs,
  onAnswer,
}: {
  guard: Guard
  busy: 'authorise' | 'decline' | undefined
  listedAs?: string
  onAnswer(how: 'authorise' | 'decline'): void
}) => {
  const isBusy = busy !== undefined
  const label = (what: string) => (listedAs && !busy ? `${what} ${listedAs}` : undefined)
  return (
    <>
      <AnswerButton
        guard={guard}
        label={label('Authorise')}
        isBusy={isBusy}
        onAnswer={() => onAnswer('authorise')}
      >
        {busy === 'authorise' ? 'Authorising…' : 'Authorise'}
      </AnswerButton>
      <AnswerButton
        guard={guard}
        kind="danger"
        label={label('Decline')}
        isBusy={isBusy}
        onAnswer={() => onAnswer('decline')}
      >
        {busy === 'decline' ? 'Declining…' : 'Decline'}
      </AnswerButton>
    </>
  )
}

/** Why the buttons do nothing yet. It keeps its place, so that they keep theirs. */
export const JustAppeared = ({ guard, busy }: { guard: Guard; busy: string | undefined }) => (
  <p class="hint just-appeared" role="status" data-shown={!guard.isOpen && busy === undefined}>
    {guard.isOpen
      ? 'It can be answered now.'
      : 'It has just appeared. Look at it: in a moment it can be answered.'}
  </p>
)

/** A name is a claim: one that a device of the person's has already is marked as such. */
export const LookalikeNote = ({ resembles }: Pick<AuthorisationRequest, 'resembles'>) =>
  resembles === undefined ? null : (
    <p class="warning">
      Its name is that of your device <Device writerKey={resembles} />, or looks like it, and it is another
      device. Say yes only if you are asking from it right now.
    </p>
  )

export const LegacyNote = () => (
  <p class="warning">
    It is an older version and proves nothing about itself. Say yes only if you are asking from it right now.
  </p>
)

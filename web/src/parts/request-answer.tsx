import type { AuthorisationRequest, HyphaNode } from 'hypha-runtime'
import { useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { toTrouble } from '../lib/explain.js'

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

/** The two answers. Among several in a list their names hold the device's. */
export const AnswerButtons = ({
  busy,
  listedAs,
  onAnswer,
}: {
  busy: 'authorise' | 'decline' | undefined
  listedAs?: string
  onAnswer(how: 'authorise' | 'decline'): void
}) => (
  <>
    <button
      type="button"
      disabled={busy !== undefined}
      aria-label={listedAs && !busy ? `Authorise ${listedAs}` : undefined}
      onClick={() => onAnswer('authorise')}
    >
      {busy === 'authorise' ? 'Authorising…' : 'Authorise'}
    </button>
    <button
      type="button"
      class="danger"
      disabled={busy !== undefined}
      aria-label={listedAs && !busy ? `Decline ${listedAs}` : undefined}
      onClick={() => onAnswer('decline')}
    >
      {busy === 'decline' ? 'Declining…' : 'Decline'}
    </button>
  </>
)

export const LegacyNote = () => (
  <p class="warning">
    It is an older version and proves nothing about itself. Say yes only if you are asking from it right now.
  </p>
)

import type { Answer, HyphaNode, NodeState } from 'hypha-runtime'
import { useEffect, useState } from 'preact/hooks'
import { declined } from '../lib/reminders.js'

/** How this node's last request ended; undefined while it is under way and before the first. */
export const useAnswer = (node: HyphaNode, state: NodeState): Answer | undefined => {
  const [answer, setAnswer] = useState<{ node: HyphaNode; answer: Answer }>()
  useEffect(() => {
    // Asked of the node itself: what is shown may be a frame old, and joining must not ask anew.
    if (state !== 'awaitingAuthorisation' || node.state !== state) return
    setAnswer(undefined)
    declined.lower()
    node.requestAuthorisation().then(
      (given) => {
        if (given.outcome === 'declined') declined.raise()
        setAnswer({ node, answer: given })
      },
      () => {},
    )
  }, [node, state])
  return answer?.node === node ? answer.answer : undefined
}

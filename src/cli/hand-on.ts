import type { HyphaNode } from '../api.js'
import type { Context } from './context.js'
import type { RoadNews } from './road-news.js'
import { isWithoutRoads, type Roads } from './roads.js'

export const HAND_ON_MS = 3_000

/** Resolves with whether it came true in time. */
export const comesTrue = (
  node: HyphaNode,
  isTrue: () => boolean,
  ms: number,
  stop?: AbortSignal,
): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (is: boolean) => {
      clearTimeout(timer)
      unsubscribe()
      stop?.removeEventListener('abort', giveUp)
      resolve(is)
    }
    const giveUp = () => end(isTrue())
    const look = () => {
      if (isTrue()) end(true)
    }
    const timer = setTimeout(giveUp, ms)
    const unsubscribe = node.subscribe(look)
    stop?.addEventListener('abort', giveUp)
    if (stop?.aborted) giveUp()
    else look()
  })

/** Stays for a moment after a write, until another node has it or none can be met, and says how that went. */
export const handOn = async (
  node: HyphaNode,
  roads: Roads,
  { failed }: RoadNews,
  { out, stop }: Context,
): Promise<void> => {
  const end = AbortSignal.any([stop, failed])
  if (isWithoutRoads(roads)) {
    out.note('It is kept here. No other node is known: hypha run --connect <url> hands it on.')
    return
  }
  out.note(`Handing it on to another node, for ${HAND_ON_MS / 1_000} s at most …`)
  if (await comesTrue(node, () => node.getSnapshot().heldBy > 0, HAND_ON_MS, end)) {
    const { heldBy } = node.getSnapshot()
    out.note(`${heldBy === 1 ? 'Another node has' : `${heldBy} other nodes have`} it.`)
  } else out.note('No other node has it yet: it stays here until the next time. hypha run goes on trying.')
}

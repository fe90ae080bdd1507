import type { HyphaNode } from '../api.js'
import type { Context } from './context.js'
import { comesTrue } from './hand-on.js'
import type { RoadNews } from './road-news.js'
import { isWithoutRoads, type Roads } from './roads.js'

export const CATCH_UP_MS = 2_000
/** What a peer has is announced within a few round trips of meeting it, and on a quick network within this. */
const QUIET_MS = 150

/** Resolves with true once all that is known of is here and nothing more has been announced for `quietMs`. */
const settles = async (
  node: HyphaNode,
  quietMs: number,
  until: number,
  stop: AbortSignal,
): Promise<boolean> => {
  const left = () => Math.max(0, until - performance.now())
  for (;;) {
    if (!(await comesTrue(node, () => node.getSnapshot().sync.complete, left(), stop))) return false
    const { folded, known } = node.getSnapshot().sync
    const isMoving = () => {
      const { sync } = node.getSnapshot()
      return sync.folded !== folded || sync.known !== known
    }
    if (!(await comesTrue(node, isMoving, Math.min(quietMs, left()), stop))) return !stop.aborted
  }
}

/** Before something is read: meets another node, takes what that has, and says so if what is here may be old. */
export const catchUp = async (
  node: HyphaNode,
  roads: Roads,
  { failed }: RoadNews,
  { around, out, stop }: Context,
): Promise<void> => {
  if (isWithoutRoads(roads)) return
  const begun = performance.now()
  const until = begun + CATCH_UP_MS
  if (around.stderr.isTTY) out.note(`Looking for what is new, for ${CATCH_UP_MS / 1_000} s at most …`)
  const end = AbortSignal.any([stop, failed])
  const isMet = () => node.getSnapshot().peers.length > 0
  const isReachable = roads.connect.length > 0
  if (!isReachable || !(await comesTrue(node, isMet, CATCH_UP_MS, end))) {
    if (!stop.aborted) out.note('Not connected: this is what was here.')
    return
  }
  // Meeting takes round trips too: on a slow network announcements are waited for as long.
  const quietMs = Math.max(QUIET_MS, performance.now() - begun)
  if (!(await settles(node, quietMs, until, stop)) && !stop.aborted)
    out.note('Not all has arrived yet: this is what is here so far.')
}

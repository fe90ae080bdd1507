import { catchUp } from './catch-up.js'
import { readConfig } from './config.js'
import type { Context } from './context.js'
import { ownDesk, sessionOrOwn } from './desk.js'
import { handOn } from './hand-on.js'
import { openStoredNode } from './open-node.js'
import { createRoadNews } from './road-news.js'
import { isWithoutRoads, type Roads } from './roads.js'
import type { Desk } from './session/protocol.js'

/** A session that has met nobody has what it has, as a node of one's own, and says what that means. */
const noteIfAlone = async (session: Desk, roads: Roads, { out }: Context, meaning: string): Promise<void> => {
  if (isWithoutRoads(roads)) return
  const { peers } = await session.call('status', {})
  if (peers.length === 0) out.note(`Not connected: ${meaning}`)
}

/** Reads by the session if there is one, or from what is stored once that has caught up with a node that can be met. */
export const readFrom = async <T>(
  folder: string,
  context: Context,
  work: (desk: Desk) => Promise<T>,
): Promise<T> => {
  const roads = await readConfig(folder)
  // For a moment nobody is let in: whoever is there is met by dialling.
  const { listen: _, ...outward } = roads
  const claimCode = context.around.env.HYPHA_CLAIM_CODE
  const news = createRoadNews(roads, context)
  const opened = await sessionOrOwn(folder, context, () =>
    openStoredNode({ folder, roads: outward, claimCode, onError: news.hear }),
  )
  const desk = 'session' in opened ? opened.session : ownDesk(opened.own, () => opened.own.close())
  try {
    if ('session' in opened) await noteIfAlone(opened.session, roads, context, 'this is what was here.')
    else await catchUp(opened.own, roads, news, context)
    return await work(desk)
  } finally {
    await desk.close()
  }
}

/** Writes by the session if there is one, or to what is stored, and then hands it on if somebody can be met. */
export const writeTo = async (
  folder: string,
  context: Context,
  work: (desk: Desk) => Promise<unknown>,
): Promise<void> => {
  const roads = await readConfig(folder)
  const claimCode = context.around.env.HYPHA_CLAIM_CODE
  const news = createRoadNews(roads, context)
  const opened = await sessionOrOwn(folder, context, () =>
    openStoredNode({ folder, roads, claimCode, onError: news.hear }),
  )
  if ('session' in opened) {
    const { session } = opened
    try {
      await work(session)
      await noteIfAlone(session, roads, context, 'it stays here until another node is met.')
    } finally {
      await session.close()
    }
    return
  }
  const node = opened.own
  try {
    await work(ownDesk(node, async () => {}))
    await handOn(node, roads, news, context)
  } finally {
    await node.close()
  }
}

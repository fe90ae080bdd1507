import { readConfig } from './config.js'
import type { Context } from './context.js'
import { serveNode, sessionOrOwn } from './desk.js'
import { openStoredNode } from './open-node.js'
import { createRoadNews } from './road-news.js'
import type { Desk } from './session/protocol.js'

/** For commands that stay: on the session that runs, or on the node opened here, which then is the session of the others. */
export const stayOn = async (
  command: string,
  folder: string,
  context: Context,
  work: (desk: Desk) => Promise<void>,
): Promise<void> => {
  const roads = await readConfig(folder)
  const claimCode = context.around.env.HYPHA_CLAIM_CODE
  const opened = await sessionOrOwn(folder, context, () =>
    openStoredNode({
      folder,
      roads,
      claimCode,
      onError: createRoadNews(roads, context, { stays: true }).hear,
    }),
  )
  const desk: Desk =
    'session' in opened ? opened.session : await serveNode(opened.own, command, folder, context)
  try {
    await work(desk)
  } finally {
    await desk.close()
  }
}

import type { HyphaNode } from '../api.js'
import { readConfig } from './config.js'
import type { Context } from './context.js'
import { serveNode, sessionOrOwn } from './desk.js'
import { openStoredNode } from './open-node.js'
import { sentence } from './sentence.js'
import type { Desk } from './session/protocol.js'

/** Tells the person of what goes wrong while a node of ours runs. */
export const noteErrors = (node: HyphaNode, { out }: Context): void =>
  void node.on('error', (error) => out.note(sentence(error)))

/** For commands that stay: on the session that runs, or on the node opened here, which then is the session of the others. */
export const stayOn = async (
  command: string,
  folder: string,
  context: Context,
  work: (desk: Desk) => Promise<void>,
): Promise<void> => {
  const roads = await readConfig(folder)
  const claimCode = context.around.env.HYPHA_CLAIM_CODE
  const opened = await sessionOrOwn(folder, context, () => openStoredNode({ folder, roads, claimCode }))
  let desk: Desk
  if ('session' in opened) desk = opened.session
  else {
    noteErrors(opened.own, context)
    desk = await serveNode(opened.own, command, folder, context)
  }
  try {
    await work(desk)
  } finally {
    await desk.close()
  }
}

import { readConfig } from './config.js'
import type { Context } from './context.js'
import { ownDesk, sessionOrOwn } from './desk.js'
import { handOn } from './hand-on.js'
import { openStoredNode } from './open-node.js'
import { NO_ROADS } from './roads.js'
import type { Desk } from './session/protocol.js'

/** Reads by the session if there is one, or from what is stored, without meeting anybody. */
export const readFrom = async <T>(
  folder: string,
  context: Context,
  work: (desk: Desk) => Promise<T>,
): Promise<T> => {
  const { name } = await readConfig(folder)
  const roads = name === undefined ? NO_ROADS : { ...NO_ROADS, name }
  const opened = await sessionOrOwn(folder, context, () => openStoredNode({ folder, roads }))
  const desk = 'session' in opened ? opened.session : ownDesk(opened.own, () => opened.own.close())
  try {
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
  const opened = await sessionOrOwn(folder, context, () => openStoredNode({ folder, roads }))
  if ('session' in opened) {
    await work(opened.session).finally(() => opened.session.close())
    return
  }
  const node = opened.own
  try {
    await work(ownDesk(node, async () => {}))
    await handOn(node, roads, context)
  } finally {
    await node.close()
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { HyphaNode } from '../api.js'
import { HyphaError } from '../protocol/errors.js'
import type { Context } from './context.js'
import { Interrupted } from './exit-codes.js'
import { comesTrue, HAND_ON_MS } from './hand-on.js'
import { findSession } from './session/client.js'
import { createOperations, type Operations } from './session/operations.js'
import type { Desk, Greeting } from './session/protocol.js'
import { serveSession } from './session/server.js'
import { socketPlace } from './session/socket-path.js'

/** A short command on the same data has the lock for no longer than this. */
const LOCK_WAIT_MS = 10_000
const LOCK_LOOK_MS = 50
/** How long a node that was told to end still waits for its peers to take what was just written. */
const LEAVING_MS = 1_000

/** A node in this process as a desk. */
export const ownDesk = (node: HyphaNode, end: () => Promise<void>): Desk => {
  const operations: Operations = createOperations(node)
  return {
    session: undefined,
    call: (method, params, { onItem, signal } = {}) =>
      operations[method](params, {
        signal: signal ?? new AbortController().signal,
        emit: async (item) => onItem?.(item),
      }),
    close: end,
  }
}

export const sessionOf = (folder: string, { around }: Context): Promise<Desk | undefined> =>
  findSession(socketPlace(folder, around.platform))

/** Says who has the data, to who can't do without it. */
export const inUse = ({ command, pid }: Greeting, folder: string): HyphaError =>
  new HyphaError(
    'STORAGE_LOCKED',
    `hypha ${command} (process ${pid}) is running on ${folder}. End it first, or give another --data.`,
  )

/**
 * Waits for who has the lock: a command that is ending, or one whose session is about to listen.
 * @throws HyphaError STORAGE_LOCKED after a while
 */
export const sessionOrOwn = async <Own>(
  folder: string,
  context: Context,
  open: () => Promise<Own>,
): Promise<{ readonly session: Desk } | { readonly own: Own }> => {
  const until = Date.now() + LOCK_WAIT_MS
  for (;;) {
    const session = await sessionOf(folder, context)
    if (session) return { session }
    try {
      return { own: await open() }
    } catch (error) {
      const isLocked = error instanceof HyphaError && error.code === 'STORAGE_LOCKED'
      if (!isLocked || Date.now() > until) throw error
    }
    await delay(LOCK_LOOK_MS, undefined, { signal: context.stop }).catch(() => {
      throw new Interrupted()
    })
  }
}

/** For who is on its way out: what was written a moment ago goes to who is there. Nobody is waited for. */
const handOnQuietly = async (node: HyphaNode, stop: AbortSignal): Promise<void> => {
  const { peers, heldBy } = node.getSnapshot()
  if (peers.length === 0 || heldBy > 0) return
  const ms = stop.aborted ? LEAVING_MS : HAND_ON_MS
  await comesTrue(node, () => node.getSnapshot().heldBy > 0, ms)
}

/** For commands that stay: lets the others use the node, and closes both. */
export const serveNode = async (
  node: HyphaNode,
  command: string,
  folder: string,
  { around, stop }: Context,
): Promise<Desk> => {
  try {
    const server = await serveSession(socketPlace(folder, around.platform), createOperations(node), {
      command,
      pid: around.pid,
    })
    return ownDesk(node, async () => {
      await server.close()
      await handOnQuietly(node, stop)
      await node.close()
    })
  } catch (error) {
    await node.close()
    throw error
  }
}

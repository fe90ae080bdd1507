import type { Storage } from '../adapters/storage/storage.js'
import type { Transport } from '../adapters/transport/transport.js'
import { HyphaError } from '../protocol/errors.js'

/** What a node has for itself, until it is closed: the promise is there once it is being closed. */
const inUse = new WeakMap<object, { freed?: Promise<void> }>()

const mustBeFree = (thing: object, message: string): void => {
  const use = inUse.get(thing)
  if (use && !use.freed) throw new HyphaError('OPTION_INVALID', message)
}

/**
 * Takes a storage and transports for one node. What a node has that is being closed may be taken already: `freed` resolves when
 * that one is done with it.
 * @throws HyphaError OPTION_INVALID
 */
export const take = (storage: Storage | undefined, transports: readonly Transport[]) => {
  for (const [at, transport] of transports.entries()) {
    mustBeFree(transport, 'This transport is in use by another node. Make one for each node.')
    if (transports.indexOf(transport) !== at)
      throw new HyphaError('OPTION_INVALID', 'A transport is given twice. Make one for each road.')
  }
  if (storage) mustBeFree(storage, 'This storage is in use by another node. Close that one first.')
  const things = storage ? [storage, ...transports] : transports
  const freed = Promise.all(things.map((thing) => inUse.get(thing)?.freed)).then(() => {})
  const use: { freed?: Promise<void> } = {}
  for (const thing of things) inUse.set(thing, use)
  return {
    freed,
    /** The node that has them is being closed, which `done` tells. */
    giveBack(done: Promise<void>): void {
      use.freed = done.catch(() => {})
    },
  }
}

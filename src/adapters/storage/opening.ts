import { HyphaError } from '../../protocol/errors.js'

/** What a storage holds from `open` to `close`: these happen one after the other, however they are called. */
export interface Opening<Held> {
  /** @throws HyphaError CLOSED */
  held(): Held
  open(): Promise<void>
  close(): Promise<void>
}

export const createOpening = <Held>(storage: {
  open(): Promise<Held>
  close(held: Held): Promise<void>
  /** What to throw when either could not be done. */
  failed(cause: unknown): HyphaError
}): Opening<Held> => {
  let held: Held | undefined
  let last: Promise<void> = Promise.resolve()
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    const turn = last.then(run).catch((error: unknown) => {
      throw storage.failed(error)
    })
    last = turn.catch(() => {})
    return turn
  }
  return {
    held: () => {
      if (held !== undefined) return held
      throw new HyphaError('CLOSED', 'This storage is not open. Await open() first.')
    },
    open: () =>
      inTurn(async () => {
        held ??= await storage.open()
      }),
    close: () =>
      inTurn(async () => {
        const closing = held
        held = undefined
        if (closing !== undefined) await storage.close(closing)
      }),
  }
}

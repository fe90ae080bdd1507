import { HyphaError } from '../../protocol/errors.js'
import type { Transport, TransportHost } from './transport.js'

/** What a transport does between start and stop: it begins, and answers with how to end everything that it began. */
export type Begin = (discoveryKey: Uint8Array, host: TransportHost) => Promise<() => Promise<void>>

/**
 * A transport's life around its work. Starts and stops happen in turn, each after the one before has finished: starting
 * twice is starting once, stopping too, and nothing is left of a start that a stop overtook.
 */
export const createTransport = (name: string, begin: Begin): Transport => {
  let running: { readonly host: TransportHost; end(): Promise<void> } | undefined
  let turn: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }

  return {
    name,
    start: (discoveryKey, host) =>
      inTurn(async () => {
        if (running && running.host !== host)
          throw new HyphaError(
            'OPTION_INVALID',
            `This ${name} transport is in use by another node. Create one for each node.`,
          )
        running ??= { host, end: await begin(discoveryKey, host) }
      }),
    stop: () =>
      inTurn(async () => {
        const ending = running
        running = undefined
        await ending?.end()
      }),
  }
}

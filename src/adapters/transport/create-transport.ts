import { toHex } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import type { Transport, TransportEvents } from './transport.js'

/** What a transport does between start and stop: it begins, and answers with how to end everything that it began. */
export type Begin = (discoveryKey: Uint8Array, events: TransportEvents) => Promise<() => Promise<void>>

/**
 * A transport's life around its work: starting twice is starting once, stopping too, a stop waits for the start that is
 * under way, and a start for the stop.
 */
export const createTransport = (name: string, begin: Begin): Transport => {
  let running: { key: string; begun: Promise<() => Promise<void>> } | undefined
  let stopping: Promise<void> | undefined

  const start = async (discoveryKey: Uint8Array, events: TransportEvents): Promise<void> => {
    await stopping
    const key = toHex(discoveryKey)
    if (running && running.key !== key)
      throw new HyphaError(
        'OPTION_INVALID',
        `This ${name} transport is in use by another node. Create one for each node.`,
      )
    const run = running ?? { key, begun: begin(discoveryKey, events) }
    running = run
    try {
      await run.begun
    } catch (error) {
      if (running === run) running = undefined
      throw error
    }
  }

  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      const run = running
      running = undefined
      try {
        const end = await run?.begun.catch(() => undefined)
        await end?.()
      } finally {
        stopping = undefined
      }
    })()
    return stopping
  }

  return { name, start, stop }
}

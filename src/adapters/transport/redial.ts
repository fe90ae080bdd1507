import { HyphaError } from '../../protocol/errors.js'
import { REDIAL_FIRST_MS, REDIAL_MAX_MS, STABLE_CONNECTION_MS } from '../../protocol/limits.js'
import type { Dialled, Dialling, DialTarget } from './transport.js'

export interface RedialOptions {
  onError(error: Error): void
  /** From 0 to below 1. */
  random?(): number
}

/** How long a retry may wait at most: doubling from the first, capped. */
const ceiling = (attempt: number): number =>
  Math.min(REDIAL_MAX_MS, REDIAL_FIRST_MS * 2 ** Math.min(attempt - 1, 30))

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })

/** Why a dial failed, in a word or two: Node's code where there is one. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no reason given'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message || 'no reason given'
}

/**
 * Keeps one address connected: dials, and dials again when the connection ends, with exponential backoff and full jitter
 * ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 *
 * The first retry after a connection is always quick, as after a claim the server closes and expects us back. Only
 * connections that keep ending early, and addresses that can't be reached, make it slower.
 */
export const redial = (
  { address, dial }: DialTarget,
  { onError, random = Math.random }: RedialOptions,
): Dialling => {
  const controller = new AbortController()
  const { signal } = controller
  let wake = () => {}

  const hold = async (dialled: Dialled): Promise<void> => {
    const end = () => dialled.close()
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    await dialled.closed
    signal.removeEventListener('abort', end)
  }

  const run = async (): Promise<void> => {
    let attempt = 0
    let early = 0
    let reported = false
    while (!signal.aborted) {
      const dialled = await dial(signal).catch((error: unknown) => {
        attempt++
        if (reported || signal.aborted) return undefined
        reported = true
        onError(
          new HyphaError(
            'ADDRESS_UNREACHABLE',
            `${address} can't be reached (${reasonOf(error)}). Check the address and that something listens there; it is tried again until it answers.`,
            { cause: error },
          ),
        )
        return undefined
      })
      if (dialled) {
        reported = false
        const since = performance.now()
        await hold(dialled)
        early = performance.now() - since < STABLE_CONNECTION_MS ? early + 1 : 1
        attempt = early
      }
      const woken = new AbortController()
      wake = () => woken.abort()
      await pause(random() * ceiling(attempt), AbortSignal.any([signal, woken.signal]))
    }
  }

  const done = run()
  return {
    retry: () => wake(),
    stop: () => {
      controller.abort()
      return done
    },
  }
}

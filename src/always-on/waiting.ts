import type { Crypto } from '../adapters/crypto/crypto.js'
import { discoveryKeyOf } from '../protocol/hyphalink.js'
import { MAX_WAITING_PLACES, WAITING_PLACE_MS, WAITING_PLACES_LOOK_MS } from '../protocol/limits.js'
import type { Hyphas } from './hyphas.js'
import type { Places } from './places.js'

export interface Waiting {
  /** Hosts a hypha that has claimed: it waits until something of it arrives. */
  host(hyphalink: Uint8Array): Promise<void>
  /** Something has arrived: it takes a place, if one is free. */
  filled(hyphalink: Uint8Array): void
  /** Forgets those that nobody waits for any more. */
  look(): Promise<void>
  close(): void
}

/** The hyphas that have claimed a place and don't take one yet: hosted, few, and forgotten when nobody is there for them. */
export const createWaiting = (options: {
  readonly places: Places
  readonly hyphas: Pick<Hyphas, 'open' | 'get' | 'discard'>
  readonly hash: Crypto['hash']
  readonly now: () => number
  readonly onError: (error: unknown) => void
}): Waiting => {
  const { places, hyphas, hash, now, onError } = options
  /** When somebody was last seen to be there for one. */
  const seen = new WeakMap<object, number>()

  const drop = async (hyphalink: Uint8Array): Promise<void> => {
    await places.forget(hyphalink)
    await hyphas.discard(hyphalink)
  }
  const isAlone = (hyphalink: Uint8Array, at: number): boolean => {
    const hypha = hyphas.get(discoveryKeyOf(hyphalink, hash))
    if (!hypha) return true
    if (hypha.members.links.size > 0) seen.set(hypha, now())
    return now() - (seen.get(hypha) ?? at) >= WAITING_PLACE_MS
  }
  const look = async (): Promise<void> => {
    for (const { hyphalink, at } of places.waiting) if (isAlone(hyphalink, at)) await drop(hyphalink)
  }
  const timer = setInterval(() => void look().catch(onError), WAITING_PLACES_LOOK_MS)
  timer.unref()

  const take = async (hyphalink: Uint8Array): Promise<void> => {
    if (!places.has(hyphalink) || (await places.take(hyphalink))) return
    // Others took the last one meanwhile: whoever comes again is told so.
    await drop(hyphalink)
  }

  const isMet = (hyphalink: Uint8Array): boolean =>
    (hyphas.get(discoveryKeyOf(hyphalink, hash))?.members.links.size ?? 0) > 0
  /** Those that nobody is there for go first, of these the oldest. */
  const makeRoom = async (): Promise<void> => {
    const waiting = places.waiting.map(({ hyphalink }) => hyphalink)
    const order = [...waiting.filter((one) => !isMet(one)), ...waiting.filter(isMet)]
    for (const one of order.slice(0, Math.max(0, waiting.length + 1 - MAX_WAITING_PLACES))) await drop(one)
  }

  return {
    host: async (hyphalink) => {
      if (!places.has(hyphalink)) await makeRoom()
      const hypha = await hyphas.open(hyphalink)
      try {
        await places.claim(hyphalink, now())
      } catch (error) {
        // It would be gone after the next start, and nobody would know.
        await hyphas.discard(hyphalink)
        throw error
      }
      // What was kept here before is here still.
      if (!hypha.isEmpty) await take(hyphalink)
    },
    filled: (hyphalink) => void take(hyphalink).catch(onError),
    look,
    close: () => clearInterval(timer),
  }
}

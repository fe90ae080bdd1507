import { networkInterfaces } from 'node:os'

/** Changes of the device's network, and of whether anybody sees the page. */
export interface NetworkListener {
  /** There is a network, or another one than before. */
  online(): void
  offline(): void
  hidden(): void
  visible(): void
}

export interface NetworkWatcher {
  /** Whether changes matter now: nothing is spent on looking while they don't. */
  watch(isWanted: boolean): void
  stop(): void
}

/** How often one looks: nothing in Node says so by itself. */
export const NETWORK_POLL_MS = 2_000

/** The addresses by which others can be reached; undefined where one may not look. */
const addresses = (): string | undefined => {
  try {
    return Object.values(networkInterfaces())
      .flatMap((those = []) => those.filter(({ internal }) => !internal).map(({ address }) => address))
      .sort()
      .join()
  } catch {
    return undefined
  }
}

/** @param look the addresses of the device, as one text; empty when there is none */
export const watchNetwork = (listener: NetworkListener, look = addresses): NetworkWatcher => {
  let seen: string | undefined
  let timer: NodeJS.Timeout | undefined
  const compare = () => {
    const now = look()
    const before = seen
    seen = now
    if (now === before || now === undefined) return
    if (now === '') listener.offline()
    else if (before !== undefined) listener.online()
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  return {
    watch: (isWanted) => {
      if (!isWanted) return stop()
      if (timer) return
      timer = setInterval(compare, NETWORK_POLL_MS).unref()
      compare()
    },
    stop,
  }
}

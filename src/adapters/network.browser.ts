import type { NetworkListener, NetworkWatcher } from './network.js'

export type { NetworkListener, NetworkWatcher } from './network.js'

/** Browsers say so by themselves. */
export const NETWORK_POLL_MS = 0

/** A worker has no document, and counts as seen. */
const visibility = (): 'hidden' | 'visible' =>
  typeof document === 'object' && document.visibilityState === 'hidden' ? 'hidden' : 'visible'

export const watchNetwork = (listener: NetworkListener): NetworkWatcher => {
  const ends: (() => void)[] = []
  const hear = (target: EventTarget, event: string, heard: () => void) => {
    target.addEventListener(event, heard)
    ends.push(() => target.removeEventListener(event, heard))
  }
  const tellVisibility = () => (visibility() === 'hidden' ? listener.hidden() : listener.visible())
  hear(globalThis, 'online', listener.online)
  hear(globalThis, 'offline', listener.offline)
  // Out of the page cache with its connections cut.
  hear(globalThis, 'pageshow', tellVisibility)
  if (typeof document === 'object') hear(document, 'visibilitychange', tellVisibility)
  if (navigator.onLine === false) listener.offline()
  if (visibility() === 'hidden') listener.hidden()
  return {
    watch: () => {},
    stop: () => {
      for (const end of ends.splice(0)) end()
    },
  }
}

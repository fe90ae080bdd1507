import { vi } from 'vitest'

type Happening = 'online' | 'offline' | 'hidden' | 'visible'

/**
 * What a browser tells of its network and of whether anybody sees the page, for the runtime's browser half: `navigator`,
 * `document` and the window's events. Whoever uses it has the module `network` be its browser twin, as bundlers do.
 */
export const createPage = () => {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  vi.stubGlobal('navigator', { onLine: true })
  vi.stubGlobal('document', document)
  return {
    tell: (what: Happening): void => {
      if (what === 'online' || what === 'offline') {
        window.dispatchEvent(new Event(what))
        return
      }
      document.visibilityState = what
      document.dispatchEvent(new Event('visibilitychange'))
    },
    close: () => vi.unstubAllGlobals(),
  }
}

export type Page = ReturnType<typeof createPage>

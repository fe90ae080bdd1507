import { nameOfBrowser, type UserAgentData } from './name-of-browser.js'

const isUserAgentData = (data: unknown): data is UserAgentData =>
  typeof data === 'object' && data !== null && 'brands' in data && Array.isArray(data.brands)

/** What people would call this device: “Firefox on Ubuntu”. */
export const deviceName = (): string => {
  const data: unknown = Reflect.get(navigator, 'userAgentData')
  return nameOfBrowser(navigator.userAgent, isUserAgentData(data) ? data : undefined)
}

export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run: () => void, delay: number): unknown => setTimeout(run, delay),
  clearTimeout: (timer: unknown): void => {
    if (typeof timer === 'number') clearTimeout(timer)
  },
}

/** Runs when the page is being left: nothing that takes time gets done then. Gives what stops that. */
export const whenLeft = (run: () => void): (() => void) => {
  // A worker is left with its page.
  globalThis.addEventListener?.('pagehide', run)
  return () => globalThis.removeEventListener?.('pagehide', run)
}

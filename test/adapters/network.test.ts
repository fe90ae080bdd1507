import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NETWORK_POLL_MS, type NetworkListener, watchNetwork } from '../../src/adapters/network.js'

// The wait is the subject here, so the clock is the test's own.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const createScene = (first: string | undefined) => {
  const news: string[] = []
  let addresses = first
  let looks = 0
  const listener: NetworkListener = {
    online: () => void news.push('online'),
    offline: () => void news.push('offline'),
    hidden: () => void news.push('hidden'),
    visible: () => void news.push('visible'),
  }
  const watcher = watchNetwork(listener, () => {
    looks++
    return addresses
  })
  return {
    news,
    watcher,
    looks: () => looks,
    become: (next: string | undefined) => {
      addresses = next
      vi.advanceTimersByTime(NETWORK_POLL_MS)
    },
  }
}

test('says when the network goes, comes, and is another one', () => {
  const { news, watcher, become } = createScene('192.168.1.2')
  watcher.watch(true)
  become('192.168.1.2')
  expect(news).toEqual([])
  become('')
  become('')
  expect(news).toEqual(['offline'])
  become('192.168.1.2')
  become('10.0.0.7')
  expect(news).toEqual(['offline', 'online', 'online'])
  watcher.stop()
})

test('says at once that there is none', () => {
  const { news, watcher } = createScene('')
  watcher.watch(true)
  expect(news).toEqual(['offline'])
  watcher.stop()
})

test('looks only while it matters, and sees then what changed meanwhile', () => {
  const { news, watcher, looks, become } = createScene('192.168.1.2')
  become('192.168.1.2')
  expect(looks()).toBe(0)
  watcher.watch(true)
  watcher.watch(true)
  expect(looks()).toBe(1)
  watcher.watch(false)
  become('10.0.0.7')
  expect(looks()).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
  watcher.watch(true)
  expect(news).toEqual(['online'])
  watcher.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('says nothing where it may not look', () => {
  const { news, watcher, become } = createScene(undefined)
  watcher.watch(true)
  become(undefined)
  expect(news).toEqual([])
  watcher.stop()
})

test('in a page, the browser’s own events are heard until it stops', async () => {
  const page = new EventTarget()
  const visible = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  for (const name of ['addEventListener', 'removeEventListener'] as const)
    vi.stubGlobal(name, page[name].bind(page))
  vi.stubGlobal('document', visible)
  vi.stubGlobal('navigator', { onLine: false })
  try {
    const file = new URL('../../src/adapters/network.browser.ts', import.meta.url).href
    const twin: typeof import('../../src/adapters/network.js') = await import(file)
    const news: string[] = []
    const listen = (type: string) => () => void news.push(type)
    const watcher = twin.watchNetwork({
      online: listen('online'),
      offline: listen('offline'),
      hidden: listen('hidden'),
      visible: listen('visible'),
    })
    watcher.watch(true)
    expect(news.splice(0)).toEqual(['offline', 'hidden'])
    page.dispatchEvent(new Event('online'))
    visible.visibilityState = 'visible'
    visible.dispatchEvent(new Event('visibilitychange'))
    page.dispatchEvent(new Event('offline'))
    page.dispatchEvent(new Event('pageshow'))
    expect(news.splice(0)).toEqual(['online', 'visible', 'offline', 'visible'])
    watcher.stop()
    page.dispatchEvent(new Event('online'))
    visible.dispatchEvent(new Event('visibilitychange'))
    expect(news).toEqual([])

    // A worker has no document.
    vi.stubGlobal('document', undefined)
    vi.stubGlobal('navigator', { onLine: true })
    const inWorker = twin.watchNetwork({
      online: listen('online'),
      offline: listen('offline'),
      hidden: listen('hidden'),
      visible: listen('visible'),
    })
    page.dispatchEvent(new Event('offline'))
    expect(news).toEqual(['offline'])
    inWorker.stop()
  } finally {
    vi.unstubAllGlobals()
  }
})

test('looks at this device’s own network', () => {
  const news: string[] = []
  const listen = (type: string) => () => void news.push(type)
  const watcher = watchNetwork({
    online: listen('online'),
    offline: listen('offline'),
    hidden: listen('hidden'),
    visible: listen('visible'),
  })
  watcher.watch(true)
  vi.advanceTimersByTime(NETWORK_POLL_MS)
  expect(news.filter((each) => each !== 'offline')).toEqual([])
  watcher.stop()
})

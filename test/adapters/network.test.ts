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

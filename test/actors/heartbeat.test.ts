import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Beat, createHeartbeat, type Heartbeat } from '../../src/actors/heartbeat.js'
import type { HyphaError } from '../../src/protocol/errors.js'
import {
  MAX_SILENCE_MS,
  MAX_WAITING_BYTES,
  PING_BURST,
  PING_INTERVAL_MS,
  QUICK_PING_INTERVAL_MS,
} from '../../src/protocol/limits.js'
import { decodePing, encodePing } from '../../src/protocol/ping.js'

let heartbeat: Heartbeat
beforeEach(() => {
  vi.useFakeTimers()
  heartbeat = createHeartbeat()
})
afterEach(() => {
  vi.useRealTimers()
})

/** One end, and the other end by hand. */
const watch = (options: { answers?: number; supportsPing?: boolean } = {}) => {
  const end = {
    bytes: 0,
    waiting: 0,
    ended: [] as string[],
    sent: [] as string[],
    probes: 0,
    beat: {} as Beat,
  }
  end.beat = heartbeat.watch({
    supportsPing: options.supportsPing ?? true,
    bytesReceived: () => end.bytes,
    bytesWaiting: () => end.waiting,
    send: (bytes) => {
      const ping = decodePing(bytes)
      if (!ping) throw new Error('It sent what is none.')
      end.sent.push(ping.kind)
      if (ping.kind === 'pong' || options.answers === undefined) return
      setTimeout(() => {
        end.bytes += 5
        end.beat.heard(encodePing({ kind: 'pong', id: ping.id }))
      }, options.answers)
    },
    probe: () => {
      end.probes++
    },
    end: (error: HyphaError) => {
      end.ended.push(error.code)
      end.beat.stop()
    },
  })
  return end
}

it('asks at once and then every few seconds, and knows how long an answer takes', () => {
  const end = watch({ answers: 42 })
  expect(end.sent).toEqual(['ping'])
  expect(end.beat.roundTripMs).toBeUndefined()
  vi.advanceTimersByTime(100)
  expect(end.beat.roundTripMs).toBe(42)
  vi.advanceTimersByTime(60_000)
  expect(end.sent.length).toBe(1 + 60_000 / PING_INTERVAL_MS)
  expect(end.ended).toEqual([])
})

it('ends what is silent, within ten seconds; any bytes are a sign of life', () => {
  const [silent, busy] = [watch(), watch()]
  const bulk = setInterval(() => {
    busy.bytes += 65_536
  }, 4_000)
  vi.advanceTimersByTime(MAX_SILENCE_MS - 500)
  expect(silent.ended).toEqual([])
  vi.advanceTimersByTime(1_500)
  expect(silent.ended).toEqual(['PEER_TIMED_OUT'])
  vi.advanceTimersByTime(60_000)
  expect(busy.ended).toEqual([])
  clearInterval(bulk)
  vi.advanceTimersByTime(10_000)
  expect(busy.ended).toEqual(['PEER_TIMED_OUT'])
})

it('counts no time in which this process stood still', () => {
  const end = watch({ answers: 1 })
  vi.advanceTimersByTime(1_000)
  let late = 0
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + late)
  late = 3_600_000
  vi.advanceTimersByTime(1_000)
  expect(end.beat.silentMs).toBeLessThan(3_000)
  vi.advanceTimersByTime(20_000)
  expect(end.ended).toEqual([])
})

it('asks more often where another link could take over', () => {
  const end = watch({ answers: 5 })
  end.beat.isQuick = true
  vi.advanceTimersByTime(10_000)
  expect(end.sent.length).toBeGreaterThan((10_000 / QUICK_PING_INTERVAL_MS) * 0.9)
  expect(end.beat.steadyForMs).toBeLessThan(3 * QUICK_PING_INTERVAL_MS)
  end.beat.isQuick = false
  const before = end.sent.length
  vi.advanceTimersByTime(10_000)
  expect(end.sent.length - before).toBeLessThanOrEqual(5)
})

it('asks those who do not speak it for anything else while they are silent, and leaves their end to hypercore-protocol', () => {
  const end = watch({ supportsPing: false })
  const bulk = setInterval(() => {
    end.bytes += 65_536
  }, 1_000)
  vi.advanceTimersByTime(30_000)
  expect(end.probes).toBe(0)
  clearInterval(bulk)
  vi.advanceTimersByTime(30_000)
  expect(end.probes).toBeGreaterThan(9)
  expect(end.sent).toEqual([])
  expect(end.ended).toEqual([])
})

it('answers, unless the other end takes nothing', () => {
  const end = watch()
  end.beat.heard(encodePing({ kind: 'ping', id: 1 }))
  end.waiting = MAX_WAITING_BYTES + 1
  end.beat.heard(encodePing({ kind: 'ping', id: 2 }))
  expect(end.sent).toEqual(['ping', 'pong'])
})

it('heeds no answer that nobody waits for', () => {
  const end = watch()
  end.beat.heard(encodePing({ kind: 'pong', id: 99 }))
  expect(end.beat.roundTripMs).toBeUndefined()
})

it('ends who sends what is none, or too many', () => {
  const [strange, hasty] = [watch(), watch()]
  strange.beat.heard(Uint8Array.of(1, 2, 3))
  expect(strange.ended).toEqual(['PEER_MISBEHAVED'])
  for (let i = 0; i < PING_BURST; i++) hasty.beat.heard(encodePing({ kind: 'pong', id: i + 2 }))
  expect(hasty.ended).toEqual([])
  hasty.beat.heard(encodePing({ kind: 'ping', id: 1 }))
  expect(hasty.ended).toEqual(['PEER_MISBEHAVED'])
})

it('has one timer for all links, and none without any', () => {
  const ends = Array.from({ length: 500 }, () => watch())
  expect(vi.getTimerCount()).toBe(1)
  for (const { beat } of ends) beat.stop()
  expect(vi.getTimerCount()).toBe(0)
})

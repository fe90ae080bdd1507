import { beforeEach, describe, expect, it } from 'vitest'
import { createLink, type Link } from '../../src/actors/link.js'
import { createPresence, type PresenceKeeper } from '../../src/actors/presence.js'
import type { Twins } from '../../src/actors/twins.js'
import type { Connection } from '../../src/adapters/transport/transport.js'
import {
  MAX_STRANGERS_PRESENT,
  PRESENCE_INTERVAL_MS,
  PRESENCE_LIFETIME_MS,
  PRESENCE_MIN_INTERVAL_MS,
  PRESENCE_ROLL_CALL_MS,
} from '../../src/protocol/limits.js'
import { RUN_BYTES } from '../../src/protocol/run-id.js'
import { createSimulatedClock, type SimulatedClock } from '../../src/testing/clock.js'

const SELF = 'aa'.repeat(32)
const PHONE = 'bb'.repeat(32)
const TABLET = 'cc'.repeat(32)

const NO_TWINS: Twins = {
  run: '00'.repeat(RUN_BYTES),
  letsGo: false,
  isOwn: () => true,
  met: () => {},
  heardOfOne: () => {},
}

const linkBy = (transport: string): Link => createLink(transport, { transport } as Connection)

describe('who is there', () => {
  let time: SimulatedClock
  let said: { here: boolean; at: number; after: number; links: readonly Link[] }[]
  let changes: number
  let admitted: Set<string>
  let keeper: PresenceKeeper
  let relay: Link
  let start: number

  beforeEach(() => {
    time = createSimulatedClock()
    start = time.now()
    said = []
    changes = 0
    admitted = new Set([SELF, PHONE, TABLET])
    relay = linkBy('webSocket')
    keeper = createPresence({
      clock: time,
      localWriter: SELF,
      isAdmitted: (key) => admitted.has(key),
      announce: ({ here, at }, links) => said.push({ here, at, after: time.now() - start, links }),
      twins: NO_TWINS,
      changed: () => changes++,
    })
  })
  const phoneSays = (here = true, at = time.now()) =>
    keeper.heard(relay, { kind: 'presence', sender: PHONE, at, here })
  const isPhoneHere = () => keeper.of(PHONE, undefined).here

  it('says nothing, and has no timer, while nobody is there to hear it', () => {
    keeper.reconsider()
    keeper.relays(relay, 0)
    time.advance(10 * PRESENCE_INTERVAL_MS)
    expect(said).toEqual([])
    expect(time.pending).toBe(0)
  })

  it('says at once that it is here when others come, and then now and then', () => {
    keeper.relays(relay, 1)
    time.advance(2 * PRESENCE_INTERVAL_MS)
    expect(said.map(({ here, after }) => [here, after])).toEqual([
      [true, 0],
      [true, PRESENCE_INTERVAL_MS],
      [true, 2 * PRESENCE_INTERVAL_MS],
    ])
    keeper.relays(relay, 0)
    expect(time.pending).toBe(0)
  })

  it('never speaks more often than it may, however many come and go', () => {
    for (let i = 1; i <= 100; i++) {
      keeper.relays(relay, i)
      time.advance(100)
    }
    for (const [i, { after }] of said.entries()) {
      if (i > 0) expect(after - said[i - 1]!.after).toBeGreaterThanOrEqual(PRESENCE_MIN_INTERVAL_MS)
    }
    expect(said.length).toBeLessThanOrEqual(1 + 10_000 / PRESENCE_MIN_INTERVAL_MS)
  })

  it('says nothing while it may not write, and says it as soon as it may', () => {
    admitted.delete(SELF)
    keeper.relays(relay, 1)
    time.advance(PRESENCE_INTERVAL_MS)
    expect(said).toEqual([])
    admitted.add(SELF)
    keeper.reconsider()
    expect(said).toHaveLength(1)
  })

  it('shows who says that it is here, by which road, and answers who has just come', () => {
    keeper.relays(relay, 1)
    time.advance(PRESENCE_MIN_INTERVAL_MS)
    phoneSays()
    expect(keeper.of(PHONE, undefined)).toEqual({ here: true, road: 'webSocket', relayed: true })
    expect(keeper.of(TABLET, undefined)).toEqual({ here: false })
    expect(keeper.of(SELF, undefined)).toEqual({ here: true })
    expect(said).toHaveLength(2)
    // Known by now: heard again is no news, and is not answered.
    const before = changes
    time.advance(1)
    phoneSays()
    expect(changes).toBe(before)
    time.advance(PRESENCE_MIN_INTERVAL_MS)
    expect(said).toHaveLength(2)
  })

  it('lets go of who falls silent within a minute, and says when it was seen', () => {
    keeper.relays(relay, 2)
    phoneSays()
    const seen = time.now()
    time.advance(PRESENCE_LIFETIME_MS - 1)
    expect(isPhoneHere()).toBe(true)
    const before = changes
    time.advance(1)
    expect(keeper.of(PHONE, undefined)).toEqual({ here: false, lastSeen: seen })
    expect(changes).toBe(before + 1)
    expect(PRESENCE_LIFETIME_MS).toBeLessThan(60_000)
  })

  it('lets go at once of who says goodbye, and believes neither replays nor what was overtaken', () => {
    keeper.relays(relay, 2)
    phoneSays(true, 10)
    phoneSays(false, 20)
    expect(isPhoneHere()).toBe(false)
    phoneSays(true, 10)
    phoneSays(true, 20)
    expect(isPhoneHere()).toBe(false)
    phoneSays(true, 21)
    expect(isPhoneHere()).toBe(true)
  })

  it('lets go at once of all when the relay says that there are no others, or is lost', () => {
    keeper.relays(relay, 1)
    phoneSays(true, 1)
    keeper.relays(relay, 0)
    expect(isPhoneHere()).toBe(false)
    keeper.relays(relay, 1)
    phoneSays(true, 2)
    expect(isPhoneHere()).toBe(true)
    keeper.left(relay)
    expect(isPhoneHere()).toBe(false)
    expect(time.pending).toBe(0)
  })

  it('lets go within seconds of who was killed, when the relay says that there is one less', () => {
    keeper.relays(relay, 2)
    phoneSays(true, 1)
    keeper.heard(relay, { kind: 'presence', sender: TABLET, at: 1, here: true })
    time.advance(5_000)
    keeper.relays(relay, 1)
    const asked = said.length
    // The tablet says that it is still here, as this node does.
    expect(asked).toBeGreaterThan(1)
    time.advance(1_000)
    keeper.heard(relay, { kind: 'presence', sender: TABLET, at: 2, here: true })
    time.advance(PRESENCE_ROLL_CALL_MS)
    expect(isPhoneHere()).toBe(false)
    expect(keeper.of(TABLET, undefined).here).toBe(true)
  })

  it('lets go of no more than there are too many: others may be slow to answer, and readers say nothing', () => {
    keeper.relays(relay, 3)
    phoneSays(true, 1)
    keeper.heard(relay, { kind: 'presence', sender: TABLET, at: 1, here: true })
    time.advance(5_000)
    // A reader left, or one of the two: nobody can tell.
    keeper.relays(relay, 2)
    time.advance(2 * PRESENCE_ROLL_CALL_MS)
    expect(isPhoneHere()).toBe(true)
    expect(keeper.of(TABLET, undefined).here).toBe(true)
  })

  it('says goodbye when its page is left, and comes back with it', () => {
    let leave = () => {}
    const page = createPresence({
      clock: time,
      localWriter: SELF,
      isAdmitted: () => true,
      announce: ({ here, at }, links) => said.push({ here, at, after: time.now() - start, links }),
      twins: NO_TWINS,
      changed: () => {},
      whenLeft: (run) => {
        leave = run
        return () => {}
      },
    })
    page.relays(relay, 1)
    leave()
    leave()
    expect(said.map(({ here }) => here)).toEqual([true, false])
    time.advance(PRESENCE_INTERVAL_MS)
    expect(said.map(({ here }) => here)).toEqual([true, false, true])
    page.close()
  })

  it('decides nothing with a node that has its own key before that one has heard this run of it', () => {
    const [own, other] = ['00000001'.padEnd(16, '0'), '00000002'.padEnd(16, '0')]
    const met: string[][] = []
    const heard: object[] = []
    const one = createPresence({
      clock: time,
      localWriter: SELF,
      isAdmitted: () => true,
      announce: ({ run, twin }) => heard.push({ run, twin }),
      changed: () => {},
      twins: { ...NO_TWINS, run: own, isOwn: (run) => run === own, met: (...runs) => met.push(runs) },
    })
    one.relays(relay, 1)
    const twin = { kind: 'presence', sender: SELF, at: time.now() + 1, here: true } as const
    // Its own message comes back, or one of an earlier run of either: as anybody could send it again.
    one.heard(relay, { ...twin, run: own })
    one.heard(relay, { ...twin, run: other })
    one.heard(relay, { ...twin, run: other, twin: '00000000'.padEnd(16, '0') })
    expect(met).toEqual([])
    time.advance(PRESENCE_MIN_INTERVAL_MS)
    expect(heard.at(-1)).toEqual({ run: own, twin: other })
    one.heard(relay, { ...twin, run: other, twin: own })
    expect(met).toEqual([[own, other]])
    one.heard(relay, { ...twin, run: other, twin: own, here: false })
    expect(met).toHaveLength(1)
    one.close()
  })

  it('keeps them while another relay is there', () => {
    const other = linkBy('tcp')
    keeper.relays(relay, 1)
    keeper.relays(other, 1)
    phoneSays()
    keeper.left(relay)
    expect(isPhoneHere()).toBe(true)
  })

  it('lets go of who falls silent, also where no relay says that it is one', () => {
    phoneSays()
    expect(isPhoneHere()).toBe(true)
    const before = changes
    time.advance(PRESENCE_LIFETIME_MS)
    expect(isPhoneHere()).toBe(false)
    expect(changes).toBe(before + 1)
    expect(time.pending).toBe(0)
  })

  it('remembers of strangers only the last, of those who said goodbye nothing', () => {
    const stranger = (i: number) => i.toString(16).padStart(64, '0')
    keeper.relays(relay, 1)
    for (let i = 0; i < 10 * MAX_STRANGERS_PRESENT; i++) {
      keeper.heard(relay, { kind: 'presence', sender: stranger(i), at: time.now(), here: false })
      keeper.parted(stranger(i))
    }
    const newcomer = stranger(1_000)
    keeper.heard(relay, { kind: 'presence', sender: newcomer, at: time.now(), here: true })
    expect(keeper.of(newcomer, undefined).here).toBe(true)
    expect(keeper.of(stranger(0), undefined)).toEqual({ here: false })
    expect(keeper.of(stranger(10 * MAX_STRANGERS_PRESENT - 1), undefined)).toEqual({
      here: false,
      lastSeen: time.now(),
    })
  })

  it('shows a link of its own before anything else, and when it was lost', () => {
    const direct = { road: 'webRTC', relayed: false }
    keeper.relays(relay, 1)
    phoneSays()
    expect(keeper.of(PHONE, direct)).toEqual({ here: true, ...direct })
    expect(keeper.of(TABLET, direct)).toEqual({ here: true, ...direct })
    time.advance(500)
    keeper.parted(TABLET)
    expect(keeper.of(TABLET, undefined)).toEqual({ here: false, lastSeen: time.now() })
  })

  it('says goodbye where it said that it is here, and nowhere else', () => {
    const other = linkBy('tcp')
    keeper.relays(relay, 1)
    keeper.relays(other, 0)
    keeper.close()
    expect(said.at(-1)).toMatchObject({ here: false, links: [relay] })
    expect(said.at(-1)!.at).toBeGreaterThan(said[0]!.at)
    keeper.close()
    expect(said).toHaveLength(2)
    expect(time.pending).toBe(0)
  })

  it('says no goodbye when it said nothing', () => {
    keeper.relays(relay, 0)
    keeper.close()
    expect(said).toEqual([])
  })

  it('speaks early when others are heard: timers of a hidden page may stand still, what arrives does not', () => {
    keeper.relays(relay, 1)
    phoneSays(true, 1)
    time.advance(PRESENCE_MIN_INTERVAL_MS)
    const before = said.length
    phoneSays(true, 2)
    expect(said).toHaveLength(before)
    time.advance(PRESENCE_INTERVAL_MS - 1_000)
    phoneSays(true, 3)
    expect(said).toHaveLength(before + 1)
  })

  it('remembers few strangers, and every writer', () => {
    keeper.relays(relay, 1)
    for (let i = 0; i < 10 * MAX_STRANGERS_PRESENT; i++) {
      const sender = i.toString(16).padStart(64, '0')
      keeper.heard(relay, { kind: 'presence', sender, at: 1, here: true })
    }
    const held = Array.from({ length: 10 * MAX_STRANGERS_PRESENT }, (_, i) =>
      keeper.of(i.toString(16).padStart(64, '0'), undefined),
    ).filter(({ here }) => here)
    expect(held).toHaveLength(MAX_STRANGERS_PRESENT)
    phoneSays()
    expect(isPhoneHere()).toBe(true)
  })
})

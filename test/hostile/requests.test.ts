import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createNode, type HyphaNode, tcp } from '../../src/index.js'
import { toHex } from '../../src/protocol/bytes.js'
import { arrived, next, reached, until } from '../node/until.js'
import { DOMAIN, type Home, openHome, shiftedClock } from './home.js'

let home: Home
let clock: ReturnType<typeof shiftedClock>
let prompted: string[]
const others: HyphaNode[] = []
const phone = async (name: string, addresses = [home.address], listen?: string) => {
  const road = tcp({ connect: addresses, ...(listen ? { listen } : {}) })
  const node = createNode({ name, transports: [road], clock })
  others.push(node)
  return { node, road }
}

beforeEach(async () => {
  clock = shiftedClock()
  home = await openHome({ clock })
  prompted = []
  home.laptop.on('authorisation-requested', ({ writerKey }) => prompted.push(writerKey))
})
afterEach(async () => {
  await home.stillWorks()
  await Promise.all(others.splice(0).map((node) => node.close()))
  await home.close()
})

const TEN_MINUTES = 10 * 60_000

describe('target keys', () => {
  it('are 32 bytes, points of the curve, and of nodes that may be asked about', async () => {
    const mallory = await home.insider()
    const legacy = (readKey: unknown) => ({
      action: 'authorise',
      nodeName: 'x',
      timestamp: new Date().toISOString(),
      readKey,
    })
    const bad = [
      'not hex',
      'ab'.repeat(31),
      'ab'.repeat(33),
      '',
      'a'.repeat(50_000),
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      home.hyphalink,
      home.hyphalink.toUpperCase(),
      null,
      { type: 'Buffer', data: new Array(32).fill(1) },
    ]
    for (const key of bad) mallory.say(legacy(key))
    await home.heard(mallory)
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    // What roads and restarts do is no attack.
    for (const key of [home.laptop.writerKey]) mallory.say(legacy(key))
    await home.heard(mallory)
    expect(prompted).toEqual([])
    expect(home.errors()).toEqual([])
  })

  it('of a node that may write already are not asked about again', async () => {
    const { node } = await phone('Alice’s phone')
    home.laptop.on('authorisation-requested', ({ id }) => void home.laptop.authorise(id))
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    await reached(node, 'writer')
    const mallory = await home.insider()
    mallory.say({
      action: 'authorise',
      nodeName: 'x',
      timestamp: new Date().toISOString(),
      readKey: node.writerKey,
    })
    await home.heard(mallory)
    expect(prompted).toEqual([node.writerKey])
  })
})

describe('one request is one prompt', () => {
  it('by two roads, under new nonces, again and again', async () => {
    const [one, other] = [await home.insider(), await home.insider()]
    const request = one.control({})
    for (let i = 0; i < 5; i++) {
      one.say(request)
      other.say(request)
    }
    await Promise.all([home.heard(one), home.heard(other)])
    expect(prompted).toEqual([one.device.writerKey])
    expect(home.laptop.requests()).toHaveLength(1)
    expect(home.errors()).toEqual([])
  })

  it('replayed, inside its lifetime and after it, once it was declined', async () => {
    const mallory = await home.insider()
    const request = mallory.control({})
    mallory.say(request)
    await home.heard(mallory)
    await home.laptop.decline(home.laptop.requests()[0]?.id as string)
    for (const later of [0, TEN_MINUTES - 60_000, 90_000, TEN_MINUTES]) {
      clock.shift(later)
      mallory.say(request)
      await home.heard(mallory)
    }
    expect(prompted).toHaveLength(1)
    expect(home.laptop.requests()).toEqual([])
    expect(home.errors()).toEqual([])
  })

  it('from clocks ten minutes off: none, and nobody is blamed', async () => {
    const mallory = await home.insider()
    for (const off of [-TEN_MINUTES, TEN_MINUTES]) {
      mallory.say(mallory.control({ issued: clock.now() + off }))
      mallory.say({
        action: 'authorise',
        nodeName: 'x',
        timestamp: new Date(clock.now() + 2 * off).toISOString(),
        readKey: mallory.device.writerKey,
      })
    }
    await home.heard(mallory)
    expect(prompted).toEqual([])
    expect(home.errors()).toEqual([])
  })
})

describe('floods', () => {
  it('of 10,000 requests for 1,000 targets prompt five times; puts go on meanwhile', {
    timeout: 120_000,
  }, async () => {
    const mallory = await home.insider()
    const devices = Array.from({ length: 1_000 }, () => mallory.newDevice())
    for (let i = 0; i < 10_000; i++) {
      mallory.say(mallory.control({}, devices[i % 1_000]))
      if (i % 1_000 === 999) await home.stillWorks()
    }
    // Even the flood's own link is heard again, when its frames have had their second.
    clock.shift(10_000)
    await home.heard(mallory)
    expect(home.laptop.requests()).toHaveLength(5)
    // Nodes that lose their question and ask anew have theirs replaced: a few times, then once in five seconds.
    expect(prompted.length).toBeLessThanOrEqual(15)
    // A slow machine may not send faster than it may.
    expect([[], ['PEER_MISBEHAVED']]).toContainEqual(home.errors())
    // Five no's, and an honest phone is asked about.
    await Promise.all(home.laptop.requests().map(({ id }) => home.laptop.decline(id)))
    await mallory.leave()
    const { node } = await phone('Alice’s phone')
    const asked = next(home.laptop, 'authorisation-requested')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    expect((await asked).writerKey).toBe(node.writerKey)
  })

  it('of 11,000 answers and cancels about nothing keep no question from the screen', {
    timeout: 120_000,
  }, async () => {
    const mallory = await home.insider()
    const device = mallory.newDevice()
    for (let i = 0; i < 11_000; i++) {
      const type = (['acknowledgement', 'decision', 'cancel'] as const)[i % 3] ?? 'cancel'
      const outcome = type === 'decision' ? { outcome: 'declined' as const } : {}
      mallory.say(mallory.control({ type, request: toHex(home.crypto.randomBytes(16)), ...outcome }, device))
      // No faster than a connection may: it is not the rate that stops them.
      if (i % 1_000 !== 999) continue
      clock.shift(1_000)
      await home.heard(mallory)
    }
    const { node } = await phone('Alice’s phone')
    const asked = next(home.laptop, 'authorisation-requested')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    expect((await asked).writerKey).toBe(node.writerKey)
  })

  it('of invented questions let the real one in as places become free, and say how many wait', {
    timeout: 120_000,
  }, async () => {
    const mallory = await home.insider()
    const invent = () => mallory.say(mallory.control({}, mallory.newDevice()))
    for (let i = 0; i < 30; i++) invent()
    await home.heard(mallory)
    expect(home.laptop.requests()).toHaveLength(5)
    expect(home.laptop.getSnapshot().requestsWaiting).toBe(25)
    const { node } = await phone('Alice’s phone')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    await until(home.laptop, () => home.laptop.getSnapshot().requestsWaiting === 26)
    for (let i = 0; i < 30; i++) invent()
    await home.heard(mallory)
    expect(home.laptop.getSnapshot().requestsWaiting).toBe(56)
    // The phone proves on its own link who it is: it comes before all that were made up, however late they were.
    const asked = next(home.laptop, 'authorisation-requested')
    const [first] = home.laptop.requests()
    await home.laptop.decline(first?.id ?? '')
    expect((await asked).writerKey).toBe(node.writerKey)
    await home.laptop.authorise((await asked).id)
    await reached(node, 'writer')
  })

  it('of invented questions leave the real one to who reads its words, and are declined at once', {
    timeout: 120_000,
  }, async () => {
    const mallory = await home.insider()
    for (let i = 0; i < 30; i++) mallory.say(mallory.control({}, mallory.newDevice()))
    await home.heard(mallory)
    const { node } = await phone('Alice’s phone')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    await until(home.laptop, () => home.laptop.getSnapshot().requestsWaiting === 26)
    const { id, words } = node.request() ?? { id: '', words: [] }
    expect(home.laptop.requests().map((request) => request.id)).not.toContain(id)
    const wrong = [...words].reverse()
    await expect(home.laptop.showRequest(wrong)).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    // As a person types them.
    const shown = await home.laptop.showRequest(` ${words.join('  ').toUpperCase()} `)
    expect(shown).toMatchObject({ id, nodeName: 'Alice’s phone', writerKey: node.writerKey })
    expect(home.laptop.requests()).toHaveLength(6)
    expect(await home.laptop.showRequest(words)).toEqual(shown)
    await home.laptop.authorise(shown.id)
    await reached(node, 'writer')
    expect(home.laptop.getSnapshot().requestsWaiting).toBe(25)

    const { node: tablet } = await phone('Alice’s tablet')
    const asking = tablet.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    await until(home.laptop, () => home.laptop.getSnapshot().requestsWaiting === 26)
    await home.laptop.declineAll()
    expect(home.laptop.getSnapshot()).toMatchObject({ requests: [], requestsWaiting: 0 })
    await asking
    // Her tablet was forgotten with what waited: it asks again by itself.
    const again = await until(home.laptop, () => home.laptop.requests()[0])
    expect(again).toMatchObject({ nodeName: 'Alice’s tablet', id: tablet.request()?.id })
    await home.laptop.authorise(again.id)
    await reached(tablet, 'writer')
  })

  it('of requests taken back at once stop flickering on the screen', async () => {
    const mallory = await home.insider()
    for (let i = 0; i < 200; i++) {
      const device = mallory.newDevice()
      const request = toHex(home.crypto.randomBytes(16))
      mallory.say(mallory.control({ request }, device))
      mallory.say(mallory.control({ type: 'cancel', request }, device))
    }
    await home.heard(mallory)
    expect(prompted.length).toBeLessThanOrEqual(25)
    expect(home.laptop.requests()).toEqual([])
  })

  it('of 2019 requests in her key’s name do not silence Alice’s phone', async () => {
    const mallory = await home.insider()
    const { node } = await phone('Alice’s phone', [home.address])
    const joined = next(node, 'peer-connected')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase, request: false })
    await joined
    for (let i = 0; i < 50; i++) {
      const timestamp = new Date(clock.now() - i).toISOString()
      mallory.say({ action: 'authorise', nodeName: 'evil', timestamp, readKey: node.writerKey })
    }
    await home.heard(mallory)
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    const answer = node.requestAuthorisation()
    const shown = await until(home.laptop, () => home.laptop.requests().find(({ legacy }) => !legacy))
    expect(shown).toMatchObject({ nodeName: 'Alice’s phone', writerKey: node.writerKey })
    await home.laptop.authorise(shown.id)
    expect(await answer).toEqual({ outcome: 'authorised' })
  })
})

describe('answers', () => {
  it('of one who may not write, for another request or database, move nobody', async () => {
    const { node } = await phone('Alice’s phone')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    const { id } = await until(home.laptop, () => home.laptop.requests()[0])
    // The laptop does not relay, so Mallory brings them to the laptop about the laptop's prompts ...
    const mallory = await home.insider()
    const target = node.writerKey as string
    for (const outcome of ['declined', 'authorised'] as const) {
      mallory.say(mallory.control({ type: 'decision', outcome, request: id, target }))
      mallory.say(mallory.control({ type: 'decision', outcome, request: 'ab'.repeat(16), target }))
      mallory.say(mallory.control({ type: 'acknowledgement', request: id, target }))
    }
    mallory.say(mallory.control({ type: 'cancel', request: id }))
    await home.heard(mallory)
    expect(home.errors()).toEqual([])
    mallory.say(
      mallory.control({ type: 'decision', outcome: 'declined', request: id, target, db: 'ab'.repeat(32) }),
    )
    mallory.say(mallory.control({ type: 'cancel', request: id, target }))
    await home.heard(mallory)
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
    expect(home.laptop.requests().map((request) => request.id)).toEqual([id])
    expect(node.state).toBe('awaitingAuthorisation')
    expect(node.request()?.answeredBy).toBeUndefined()
  })

  it('that race with a cancel end the same everywhere', async () => {
    const { node } = await phone('Alice’s phone')
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    const { id } = await until(home.laptop, () => home.laptop.requests()[0])
    const answer = node.requestAuthorisation()
    const yes = home.laptop.authorise(id)
    node.cancelRequest()
    expect(['cancelled', 'authorised']).toContain((await answer).outcome)
    await yes
    // It was authorised, whatever the phone was told first: the database is the truth.
    await reached(node, 'writer')
    expect(home.laptop.requests()).toEqual([])
    await node.put('from', 'the phone')
    expect(await arrived(home.laptop, 'from')).toBe('the phone')
  })

  it('of two writers, one yes and one no, settle on the database', async () => {
    const { node: tablet, road } = await phone('Alice’s tablet', [home.address], '127.0.0.1:0')
    const stop = home.laptop.on('authorisation-requested', ({ id }) => void home.laptop.authorise(id))
    await tablet.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    await reached(tablet, 'writer')
    stop()
    const { node } = await phone('Alice’s phone', [home.address, road.listening as string])
    await node.signIn({ domain: DOMAIN, passphrase: home.passphrase })
    const shown = (on: HyphaNode) => until(on, () => on.requests()[0])
    const [one, other] = await Promise.all([shown(home.laptop), shown(tablet)])
    expect(one.id).toBe(other.id)
    expect(one.words).toEqual(other.words)
    await Promise.allSettled([home.laptop.authorise(one.id), tablet.decline(other.id)])
    await reached(node, 'writer')
    await until(tablet, () => tablet.nodes().some(({ writerKey }) => writerKey === node.writerKey))
    expect(home.laptop.requests()).toEqual([])
    expect(tablet.requests()).toEqual([])
    await node.put('from', 'the phone')
    expect(await arrived(tablet, 'from')).toBe('the phone')
  })

  it('that come before the authorisation make nobody a writer', async () => {
    // The laptop holds a decision by a key it does not know: when that never becomes a writer, nothing comes of it.
    const mallory = await home.insider()
    const victim = mallory.newDevice()
    const request = toHex(home.crypto.randomBytes(16))
    for (let i = 0; i < 100; i++)
      mallory.say(
        mallory.control({ type: 'decision', outcome: 'declined', request, target: victim.writerKey }),
      )
    mallory.say(mallory.control({ request }, victim))
    await home.heard(mallory)
    expect(home.laptop.requests()).toHaveLength(1)
    expect(home.errors()).toEqual([])
  })
})

describe('names', () => {
  const names: [string, string][] = [
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['\u202Eenohp s’ecilA', 'enohp s’ecilA'],
    ['Al\u200Bice\u200D’s\uFEFF phone', 'Alice’s phone'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u0000\u0007', 'a node without a name'],
    ['x'.repeat(1_000), 'x'.repeat(64)],
  ]
  it('are cleaned, and what is HTML stays text', async () => {
    for (const [claimed, shown] of names) {
      const mallory = await home.insider()
      // As a 2019 node would: nobody on its side cleans.
      mallory.say({
        action: 'authorise',
        nodeName: claimed,
        timestamp: new Date().toISOString(),
        readKey: mallory.device.writerKey,
      })
      await home.heard(mallory)
      const [request] = home.laptop.requests()
      expect(request?.nodeName).toBe(shown)
      await home.laptop.decline(request?.id as string)
      await mallory.leave()
    }
    const mallory = await home.insider()
    mallory.say({
      action: 'authorise',
      nodeName: 'x'.repeat(50_000),
      timestamp: new Date().toISOString(),
      readKey: mallory.device.writerKey,
    })
    await home.heard(mallory)
    expect(home.laptop.requests()).toEqual([])
    expect(home.errors()).toEqual(['PEER_MISBEHAVED'])
  })
})

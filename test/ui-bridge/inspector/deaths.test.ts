import { describe, expect, it } from 'vitest'
import { createActor, enqueueActions, fromCallback, fromPromise, setup } from 'xstate'
import { tcp } from '../../../src/index.js'
import { inspect } from '../../../src/ui-bridge/inspector/index.js'
import { useDevices as withDevices } from '../../node/devices.js'
import { next, reached, until } from '../../node/until.js'
import {
  expectSameLiving,
  expectSound,
  inspectActor,
  linesOf,
  livingOf,
  recordedLiving,
  told,
} from './look.js'

const { open } = withDevices()
const DOMAIN = 'alice.example'

const alices = async () => {
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = open({ name: 'laptop', transports: [road] })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const phone = open({ name: 'phone', transports: [tcp({ connect: [road.listening ?? ''] })] })
  return { laptop, phone, passphrase, onLaptop: inspect(laptop), onPhone: inspect(phone) }
}

describe('births and deaths of a node’s actors', () => {
  it('are those of its prompts and requests: answered, taken back, declined', async () => {
    const { laptop, phone, passphrase, onLaptop, onPhone } = await alices()
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id } = await asked
    expectSameLiving(laptop, onLaptop)
    expectSameLiving(phone, onPhone)
    expect(recordedLiving(onLaptop.recording())).toContain(`node/prompts/prompt:${id}`)
    expect(recordedLiving(onPhone.recording())).toContain('node/request')
    const answer = phone.requestAuthorisation()
    await laptop.decline(id)
    expect(await answer).toEqual({ outcome: 'declined' })
    expectSameLiving(laptop, onLaptop)
    expectSameLiving(phone, onPhone)
    expect(recordedLiving(onLaptop.recording())).not.toContain(`node/prompts/prompt:${id}`)
    expect(recordedLiving(onPhone.recording())).not.toContain('node/request')
    expect(linesOf(onLaptop.recording())).toContain(`prompt:${id} dies`)
    expect(linesOf(onPhone.recording())).toContain('request dies')

    const again = next(laptop, 'authorisation-requested')
    const second = phone.requestAuthorisation()
    await again
    phone.cancelRequest()
    expect(await second).toEqual({ outcome: 'cancelled' })
    await until(laptop, () => laptop.requests().length === 0)
    expectSameLiving(laptop, onLaptop)
    expectSameLiving(phone, onPhone)

    const third = next(laptop, 'authorisation-requested')
    void phone.requestAuthorisation()
    await laptop.authorise((await third).id)
    await reached(phone, 'writer')
    expectSameLiving(laptop, onLaptop)
    expectSameLiving(phone, onPhone)
    for (const { recording } of [onLaptop, onPhone]) expectSound(recording())
  })

  it('are those of its transports, dials and peers, as roads are turned off and on', async () => {
    const { laptop, phone, passphrase, onLaptop, onPhone } = await alices()
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    const met = (peers: number) =>
      Promise.all([laptop, phone].map((node) => until(node, () => node.getSnapshot().peers.length === peers)))
    await met(1)
    expect(recordedLiving(onPhone.recording())).toEqual(
      expect.arrayContaining([
        'node/transports/transport:tcp/dial:1',
        'node/transports/transport:tcp/dial:1/dial',
        'node/peer:1/messaging',
        'node/peer:1/replication',
      ]),
    )
    await phone.setTransport('tcp', false)
    await met(0)
    for (const [node, inspection] of [
      [laptop, onLaptop],
      [phone, onPhone],
    ] as const) {
      await told(inspection, (recording) => linesOf(recording).includes('peer:1 dies'))
      expectSameLiving(node, inspection)
    }
    expect(linesOf(onPhone.recording())).toContain('dial:1 dies')
    await phone.setTransport('tcp', true)
    await met(1)
    expectSameLiving(phone, onPhone)
    expectSameLiving(laptop, onLaptop)
    await phone.close()
    await until(laptop, () => laptop.getSnapshot().peers.length === 0)
    expectSameLiving(laptop, onLaptop)
    expect(recordedLiving(onPhone.recording())).toEqual([])
    await laptop.close()
    expect(recordedLiving(onLaptop.recording())).toEqual([])
    for (const { recording } of [onLaptop, onPhone]) expectSound(recording())
  })
})

describe('whatever XState does', () => {
  const child = setup({
    actors: {
      callback: fromCallback(() => () => {}),
      promise: fromPromise(() => new Promise(() => {})),
    },
    actions: {
      break: () => {
        throw new Error('broken')
      },
    },
  }).createMachine({
    id: 'child',
    invoke: [
      { id: 'callback', src: 'callback' },
      { id: 'promise', src: 'promise' },
    ],
    initial: 'there',
    states: { there: { on: { end: 'gone', break: { actions: 'break' } } }, gone: { type: 'final' } },
  })
  const parent = setup({
    actors: { child, failing: fromPromise(() => Promise.reject(new Error('no'))) },
  }).createMachine({
    id: 'parent',
    on: {
      spawn: {
        actions: enqueueActions(({ enqueue }) =>
          enqueue.spawnChild('child', { id: 'child', syncSnapshot: true }),
        ),
      },
      stop: { actions: enqueueActions(({ enqueue }) => enqueue.stopChild('child')) },
      'spawn and stop': {
        actions: enqueueActions(({ enqueue }) => {
          enqueue.spawnChild('child', { id: 'brief' })
          enqueue.sendTo('brief', { type: 'hello' })
          enqueue.stopChild('brief')
        }),
      },
      fail: { actions: enqueueActions(({ enqueue }) => enqueue.spawnChild('failing', { id: 'failing' })) },
      tell: {
        actions: enqueueActions(({ event, enqueue }) => enqueue.sendTo('child', { type: event.what })),
      },
      'xstate.error.actor.*': {},
    },
  })
  const run = (...events: { type: string; what?: string }[]) => {
    const actor = createActor(parent).start()
    const inspection = inspectActor(actor)
    for (const event of events) actor.send(event)
    return { actor, inspection, lines: () => linesOf(inspection.recording()) }
  }

  it('a child that is stopped dies, with all that it has', () => {
    const { actor, inspection, lines } = run({ type: 'spawn' }, { type: 'stop' })
    expect(lines().filter((line) => line.endsWith('dies'))).toEqual([
      'callback dies',
      'promise dies',
      'child dies',
    ])
    expect(recordedLiving(inspection.recording())).toEqual(livingOf('parent', actor))
    expectSound(inspection.recording())
  })

  it('one that ends dies before its parent hears of it', () => {
    const { inspection, lines } = run({ type: 'spawn' }, { type: 'tell', what: 'end' })
    const told = lines()
    expect(told.indexOf('child is "gone"')).toBeGreaterThan(0)
    expect(told.indexOf('child dies')).toBe(told.indexOf('child is "gone"') + 1)
    expect(told.indexOf('parent ← xstate.done.actor.child')).toBe(told.indexOf('child dies') + 1)
    expectSound(inspection.recording())
  })

  it('one that throws dies; what it leaves behind lives on, as it does', () => {
    const { inspection, lines } = run({ type: 'spawn' }, { type: 'tell', what: 'break' }, { type: 'stop' })
    expect(lines()).toContain('child dies')
    expect(lines()).not.toContain('callback dies')
    expectSound(inspection.recording())
  })

  it('one that is stopped before it started, which XState doesn’t tell, is not left over', () => {
    const { actor, inspection } = run({ type: 'spawn and stop' }, { type: 'spawn' })
    expect(recordedLiving(inspection.recording())).toEqual(livingOf('parent', actor))
    expectSound(inspection.recording())
  })

  it('a promise that rejects dies with its error’s sentence', async () => {
    const { inspection, lines } = run({ type: 'fail' })
    await told(inspection, () => lines().includes('failing dies'))
    const last = inspection
      .recording()
      .events.findLast((event) => event.type === '@xstate.snapshot' && event.snapshot.status === 'error')
    expect(last).toMatchObject({ snapshot: { error: { message: 'no' } } })
    expectSound(inspection.recording())
  })

  it('a root that throws dies, although nobody says so', () => {
    const root = createActor(child).start()
    root.subscribe({ error: () => {} })
    const inspection = inspectActor(root)
    root.send({ type: 'break' })
    expect(linesOf(inspection.recording())).toContain('child dies')
  })
})

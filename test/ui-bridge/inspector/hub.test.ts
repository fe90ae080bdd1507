import { createServer } from 'node:net'
import { expect, test, vi } from 'vitest'
import type { HyphaError } from '../../../src/protocol/errors.js'
import { createWire } from '../../../src/testing/index.js'
import { INSPECTOR_BATCH_EVENTS } from '../../../src/ui-bridge/inspector/limits.js'
import { publish } from '../../../src/ui-bridge/inspector/publish.js'
import { atEnd, closeCode, connect, createPuppet, helloOf, oneTo, serve, tokenOf, view } from './world.js'

const publishing = (url: string, puppet: ReturnType<typeof createPuppet>, token = tokenOf(url)) => {
  const errors: HyphaError[] = []
  const stop = publish(puppet, { url, token, onError: (error) => void errors.push(error) })
  atEnd(stop)
  return { stop, errors }
}

test('who looks on sees what had happened, and then what happens: all of it, once, in order', async () => {
  const { url } = await serve()
  const laptop = createPuppet('aaaa')
  laptop.happen(1_000)
  publishing(url, laptop)
  const early = await view(url)
  await early.sees(({ idsOf }) => idsOf('aaaa').length === 1_000)
  // Told of and in the recording at once.
  laptop.happen(3)
  const late = await view(url)
  laptop.happen(2)
  for (const viewer of [early, late]) {
    await viewer.sees(({ idsOf }) => idsOf('aaaa').at(-1) === 1_005)
    expect(viewer.idsOf('aaaa')).toEqual(oneTo(1_005))
    const { recording, isGone } = viewer.collection.nodes.get('aaaa')!
    expect(isGone).toBe(false)
    expect(recording.node).toEqual({ rootId: 'aaaa', name: 'aaaa', kind: 'node' })
    expect(recording.before).toMatchObject([{ type: '@xstate.actor', id: '0' }])
    for (const message of viewer.messages)
      if (message.type === 'events') expect(message.events.length).toBeLessThanOrEqual(INSPECTOR_BATCH_EVENTS)
  }
})

test('nodes of several programs and of this one are side by side; who has left stays to be looked at', async () => {
  const { url, hub } = await serve()
  const [laptop, phone, alwaysOn] = [createPuppet('aaaa'), createPuppet('bbbb'), createPuppet('cccc')]
  const { stop } = publishing(url, laptop)
  publishing(url, phone)
  const stopOwn = hub.publish(alwaysOn)
  for (const puppet of [laptop, phone, alwaysOn]) puppet.happen(10)
  const viewer = await view(url)
  await viewer.sees(({ idsOf }) => ['aaaa', 'bbbb', 'cccc'].every((id) => idsOf(id).length === 10))
  // The last thing that happens before it stops is not lost.
  laptop.happen()
  await stop()
  expect(laptop.listeners).toBe(0)
  stopOwn()
  expect(alwaysOn.listeners).toBe(0)
  await viewer.sees(
    ({ collection }) => collection.nodes.get('aaaa')!.isGone && collection.nodes.get('cccc')!.isGone,
  )
  expect(viewer.idsOf('aaaa')).toEqual(oneTo(11))
  const later = await view(url)
  await later.sees(({ messages }) => messages.filter(({ type }) => type === 'gone').length === 2)
  await later.sees(({ idsOf }) => idsOf('bbbb').length === 10)
  expect(later.idsOf('aaaa')).toEqual(oneTo(11))
  expect(later.collection.nodes.get('bbbb')?.isGone).toBe(false)
})

test('a publisher comes back after a cut, with what happened meanwhile', async () => {
  const { url } = await serve()
  const wire = await createWire({ to: url })
  atEnd(() => wire.close())
  const laptop = createPuppet('aaaa')
  const { errors } = publishing(wire.url, laptop, tokenOf(url))
  laptop.happen(5)
  const viewer = await view(url)
  await viewer.sees(({ idsOf }) => idsOf('aaaa').length === 5)
  await wire.cut({ how: 'reset' })
  await viewer.sees(({ collection }) => collection.nodes.get('aaaa')!.isGone)
  laptop.happen(5)
  wire.heal()
  await viewer.sees(
    ({ collection, idsOf }) => !collection.nodes.get('aaaa')!.isGone && idsOf('aaaa').length === 10,
  )
  expect(viewer.idsOf('aaaa')).toEqual(oneTo(10))
  expect(errors.map(({ code }) => code)).toEqual(['ADDRESS_UNREACHABLE'])
  expect(errors[0]?.message).not.toContain(tokenOf(url))
})

test('a publisher that is back before its lost connection is known to be lost takes its own place', async () => {
  const { url } = await serve()
  const viewer = await view(url)
  const laptop = createPuppet('aaaa')
  const recording = () => JSON.stringify({ type: 'recording', recording: laptop.recording() })
  const lost = await connect(url, helloOf(url, 'publisher'))
  lost.send(recording())
  await viewer.sees(({ collection }) => collection.nodes.has('aaaa'))
  laptop.happen(5)
  const back = await connect(url, helloOf(url, 'publisher'))
  await closeCode(lost)
  back.send(recording())
  await viewer.sees(({ idsOf }) => idsOf('aaaa').length === 5)
  expect(viewer.messages.map(({ type }) => type)).toEqual(['recording', 'recording'])
  expect(viewer.collection.nodes.get('aaaa')?.isGone).toBe(false)
})

test('who falls behind gets the recording anew instead of a gap', async () => {
  const { url } = await serve({ hub: { maxEvents: 50 } })
  const laptop = createPuppet('aaaa', { capacity: 100 })
  laptop.happen(1_000)
  publishing(url, laptop)
  const viewer = await view(url)
  await viewer.sees(({ idsOf }) => idsOf('aaaa').at(-1) === 1_000)
  expect(viewer.idsOf('aaaa')).toEqual(oneTo(1_000, 951))
  const { recording } = viewer.collection.nodes.get('aaaa')!
  expect(recording.dropped).toBe(950)
  expect(recording.before).toHaveLength(1)
  laptop.happen(1_000)
  await viewer.sees(({ idsOf }) => idsOf('aaaa').at(-1) === 2_000)
  const ids = viewer.idsOf('aaaa')
  expect(ids).toEqual(oneTo(2_000, ids[0]))
})

test('the URL as it was printed is enough to publish', async () => {
  const { url } = await serve()
  const laptop = createPuppet('aaaa')
  const errors: HyphaError[] = []
  atEnd(publish(laptop, { url, onError: (error) => void errors.push(error) }))
  const viewer = await view(url)
  await viewer.sees(({ collection }) => collection.nodes.has('aaaa'))
  expect(errors).toEqual([])
})

test('a publisher that was told off goes no further, and says why', async () => {
  const { url } = await serve()
  const { errors, stop } = publishing(url, createPuppet('aaaa'), 'x'.repeat(22))
  await expect.poll(() => errors.length, { timeout: 30_000 }).toBe(1)
  expect(errors[0]).toMatchObject({ code: 'INSPECTOR_REFUSED', message: expect.stringMatching(/token/) })
  await stop()
  const options = { url, token: tokenOf(url) }
  const wrong = [
    { ...options, url: 'nowhere' },
    { ...options, url: 'ftp://127.0.0.1/inspect' },
    { ...options, token: 'short' },
    { url: url.replace(/#.*/, '') },
    { url: url.replace(/#.*/, '#token=short') },
  ]
  for (const given of wrong)
    expect(() => publish(createPuppet('bbbb'), given)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
})

test('an inspector that is away is told of once, however often it is tried and however long this has run', async () => {
  const platformNow = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => platformNow() + 60_000)
  atEnd(() => clock.mockRestore())
  let tries = 0
  const away = createServer((socket) => {
    tries++
    socket.on('error', () => {}).destroy()
  })
  await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve))
  atEnd(() => away.close())
  const address = away.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { errors } = publishing(`http://127.0.0.1:${port}/inspect`, createPuppet('aaaa'), 'x'.repeat(22))
  await expect.poll(() => tries, { timeout: 60_000 }).toBe(4)
  expect(errors.map(({ code }) => code)).toEqual(['ADDRESS_UNREACHABLE'])
})

test('stopping does not wait for who never answers', async () => {
  const mute = createServer((socket) => void socket.on('error', () => {}))
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  atEnd(() => mute.close())
  const address = mute.address()
  const port = typeof address === 'object' ? address?.port : 0
  const laptop = createPuppet('aaaa')
  const { stop } = publishing(`http://127.0.0.1:${port}/inspect`, laptop, 'x'.repeat(22))
  await stop()
  expect(laptop.listeners).toBe(0)
})

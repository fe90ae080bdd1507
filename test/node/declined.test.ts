import { expect, it } from 'vitest'
import { createDeclined } from '../../src/actors/declined.js'
import { memoryStorage } from '../../src/index.js'
import { MAX_DECLINED_REMEMBERED } from '../../src/protocol/limits.js'
import { decodeStoredNode, encodeStoredNode, type StoredNode } from '../../src/protocol/stored-node.js'
import { useDevices } from './devices.js'
import { next, reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { device } = useDevices()

/** Ada's laptop says no to a phone that is out of reach by then. */
const aNoThatIsLost = async () => {
  const storage = memoryStorage()
  const phones = memoryStorage()
  const laptop = device({ name: 'Laptop', storage })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const phone = device({ name: 'Phone', storage: phones })
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  const { id } = await asked
  await phone.setTransport('memory', false)
  await until(laptop, () => laptop.getSnapshot().peers.length === 0)
  await laptop.decline(id)
  expect(laptop.requests()).toEqual([])
  expect(phone.request()?.id).toBe(id)
  return { laptop, storage, phone, phones, passphrase, id }
}

it('a no that was lost is said again as soon as the phone is back, and the person is not asked again', async () => {
  const { laptop, phone } = await aNoThatIsLost()
  laptop.on('authorisation-requested', () => expect.fail('Ada has answered'))
  const answer = phone.requestAuthorisation()
  await phone.setTransport('memory', true)
  expect(await answer).toEqual({ outcome: 'declined' })
  expect(phone.state).toBe('readOnly')
  expect(laptop.requests()).toEqual([])
})

it('also when both have been closed meanwhile', async () => {
  const { laptop, storage, phone, phones, id } = await aNoThatIsLost()
  await Promise.all([laptop.close(), phone.close()])
  const laptopAgain = device({ storage })
  laptopAgain.on('authorisation-requested', () => expect.fail('Ada has answered'))
  await reached(laptopAgain, 'origin')
  const phoneAgain = device({ storage: phones })
  await until(phoneAgain, () => phoneAgain.request()?.id === id || phoneAgain.state === 'readOnly')
  await reached(phoneAgain, 'readOnly')
  expect(laptopAgain.requests()).toEqual([])
})

it('also by another device that heard of it', async () => {
  const { laptop, phone, passphrase } = await aNoThatIsLost()
  const tablet = device({ name: 'Tablet' })
  const asked = next(laptop, 'authorisation-requested')
  await tablet.signIn({ domain: DOMAIN, passphrase })
  await laptop.authorise((await asked).id)
  await reached(tablet, 'writer')
  // It asks under a new id, which is a new question.
  phone.cancelRequest()
  await reached(phone, 'readOnly')
  void phone.requestAuthorisation()
  const shown = next(tablet, 'authorisation-requested')
  await phone.setTransport('memory', true)
  const { id } = await shown
  await phone.setTransport('memory', false)
  await laptop.decline(id)
  await until(tablet, () => tablet.requests().length === 0)
  await laptop.close()
  tablet.on('authorisation-requested', () => expect.fail('Ada has answered'))
  const answer = phone.requestAuthorisation()
  await phone.setTransport('memory', true)
  expect(await answer).toEqual({ outcome: 'declined' })
})

it(`remembers ${MAX_DECLINED_REMEMBERED} of them, and no more`, () => {
  const node = (count: number): StoredNode => ({
    hyphalink: new Uint8Array(32),
    by: 'hyphalink',
    name: 'Laptop',
    declined: Array.from({ length: count }, (_, i) => i.toString(16).padStart(32, '0')),
  })
  const full = node(MAX_DECLINED_REMEMBERED)
  expect(decodeStoredNode(encodeStoredNode(full))).toEqual(full)
  expect(decodeStoredNode(encodeStoredNode(node(MAX_DECLINED_REMEMBERED + 1)))).toBeUndefined()
  expect(decodeStoredNode(encodeStoredNode({ ...full, declined: ['ab'] }))).toBeUndefined()
})

it('of many at once writes the first, and then all', async () => {
  const id = (i: number) => i.toString(16).padStart(32, '0')
  const written: (readonly string[])[] = []
  let last = Promise.resolve()
  const keepDeclined = (ids: () => readonly string[]): Promise<void> => {
    last = last.then(async () => void written.push(ids()))
    return last
  }
  const declined = createDeclined({ keepDeclined }, () => expect.fail('nothing fails here'))
  const kept = [declined.add(id(0))]
  await kept[0]
  for (let i = 1; i < 1_000; i++) kept.push(declined.add(id(i)))
  await Promise.all(kept)
  expect(written).toHaveLength(2)
  expect(written[1]).toHaveLength(MAX_DECLINED_REMEMBERED)
  expect(written[1]?.at(-1)).toBe(id(999))
  expect(declined.has(id(999))).toBe(true)
})

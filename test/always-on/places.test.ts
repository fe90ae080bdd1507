import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../src/adapters/storage/storage.js'
import { createClaimCode } from '../../src/always-on/claim-code.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { openPlaces } from '../../src/always-on/places.js'
import { CLAIM_TRIES_PER_MINUTE, MAX_CLAIM_ADDRESSES, MAX_PLACES } from '../../src/protocol/limits.js'
import { claimPlace, newPerson, start } from './world.js'

const crypto = await createCrypto()
const open = (storage: Storage, total = 5) => openPlaces(total, storage, crypto.hash)
const hyphalink = (n: number) => new Uint8Array(32).fill(n)

const overwrite = (storage: Storage, name: string, offset: number, bytes: Uint8Array) =>
  new Promise<void>((resolve, reject) =>
    storage.file(name).write(offset, Buffer.from(bytes), (error) => (error ? reject(error) : resolve())),
  )

test('places are there again, each hypha once', async () => {
  const storage = memoryStorage()
  const places = await open(storage, 3)
  expect(places.claimed).toEqual([])
  await Promise.all([1, 2, 2, 1, 3].map((n) => places.take(hyphalink(n), n)))
  expect(places.isFree).toBe(false)
  const again = await open(storage, 4)
  expect(again.claimed).toEqual([1, 2, 3].map(hyphalink))
  expect(again.isFree).toBe(true)
})

test('a record that was cut short leaves the one before; two damaged ones are an error, not an empty server', async () => {
  const storage = memoryStorage()
  const places = await open(storage)
  await places.take(hyphalink(1), 1)
  await places.take(hyphalink(2), 2)
  await overwrite(storage, 'places/1', 60, Uint8Array.of(0xff, 0xff))
  expect((await open(storage)).claimed).toEqual([hyphalink(1)])
  await overwrite(storage, 'places/0', 0, Uint8Array.of(0xff, 0xff, 0xff, 0xff))
  await expect(open(storage)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  await expect(createAlwaysOnNode({ port: 0, storage })).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
})

test('when the record can not be stored nobody has the place', async () => {
  const whole = memoryStorage()
  let isFull = true
  const storage: Storage = {
    ...whole,
    file: (name) => {
      const file = whole.file(name)
      const full = new Error('no space left')
      return {
        ...file,
        write: (at, bytes, done) =>
          isFull ? queueMicrotask(() => done?.(full)) : file.write(at, bytes, done),
      }
    },
  }
  const places = await open(storage, 1)
  await expect(places.take(hyphalink(1), 1)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  expect(places.isFree).toBe(true)
  isFull = false
  await places.take(hyphalink(2), 1)
  expect((await open(storage)).claimed).toEqual([hyphalink(2)])
})

test('a hypha whose place could not be stored is not hosted either, and may claim again', async () => {
  const whole = memoryStorage()
  let isFull = true
  const storage: Storage = {
    ...whole,
    file: (name) => {
      const file = whole.file(name)
      const write: typeof file.write = (at, bytes, done) =>
        isFull && name.startsWith('places/')
          ? queueMicrotask(() => done?.(new Error('no space left')))
          : file.write(at, bytes, done)
      return { ...file, write }
    },
  }
  const node = await start({ storage })
  const alice = newPerson()
  for (let i = 0; i < 2; i++) {
    expect(await claimPlace(node, alice)).toEqual({ type: 'refused', reason: 'busy' })
    expect(node.status()).toMatchObject({ hyphas: 0, places: { taken: 0 } })
  }
  expect(node.errors).toMatchObject([{ code: 'STORAGE_FAILED' }, { code: 'STORAGE_FAILED' }])
  isFull = false
  expect(await claimPlace(node, alice)).toEqual({ type: 'claimed' })
  await node.close()
  expect((await start({ storage })).status()).toMatchObject({ hyphas: 1, places: { taken: 1 } })
})

test('a code is guessed slowly from one address, and addresses are not remembered for ever', () => {
  const { code, check } = createClaimCode(crypto)
  for (let i = 0; i < CLAIM_TRIES_PER_MINUTE; i++) expect(check(`wrong ${i}`, 'a', 0)).toBe('wrong')
  expect(check(code, 'a', 0)).toBe('busy')
  expect(check(code, 'b', 0)).toBe('right')
  expect(check(undefined, 'a', 0)).toBe('wrong')
  expect(check(code, 'a', 60_000 / CLAIM_TRIES_PER_MINUTE)).toBe('right')
  expect(check(code, 'a', 60_000 / CLAIM_TRIES_PER_MINUTE)).toBe('busy')
  for (let i = 0; i < MAX_CLAIM_ADDRESSES; i++) check('wrong', `other ${i}`, 0)
  expect(check(code, 'a', 60_000 / CLAIM_TRIES_PER_MINUTE)).toBe('right')
})

test('options that make no sense are refused before anything listens', async () => {
  for (const options of [
    { port: -1 },
    { port: 70_000 },
    { port: 0, claim: 1.5 },
    { port: 0, claim: MAX_PLACES + 1 },
  ]) {
    await expect(createAlwaysOnNode(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  }
  await expect(createAlwaysOnNode({ port: 0, hyphas: ['__proto__'] })).rejects.toMatchObject({
    code: 'HYPHALINK_INVALID',
  })
})

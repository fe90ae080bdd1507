import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { fileStorage } from '../../src/adapters/storage/file-storage.js'
import { memoryStorage } from '../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../src/adapters/storage/storage.js'
import { createClaimCode, drawClaimCode } from '../../src/always-on/claim-code.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { openPlaces, type Places } from '../../src/always-on/places.js'
import {
  CLAIM_TRIES_PER_MINUTE,
  MAX_CLAIM_ADDRESSES,
  MAX_CLAIM_CODE_LENGTH,
  MAX_PLACES,
} from '../../src/protocol/limits.js'
import { atEnd, claimPlace, newPerson, start } from './world.js'

const crypto = await createCrypto()
const open = (storage: Storage, total = 5) => openPlaces(total, storage, crypto.hash)
const hyphalink = (n: number) => new Uint8Array(32).fill(n)

const overwrite = (storage: Storage, name: string, offset: number, bytes: Uint8Array) =>
  new Promise<void>((resolve, reject) =>
    storage.file(name).write(offset, Buffer.from(bytes), (error) => (error ? reject(error) : resolve())),
  )

const settle = async (places: Places, n: number, at = n) => {
  await places.claim(hyphalink(n), at)
  return places.take(hyphalink(n))
}

test('places are there again, each hypha once', async () => {
  const storage = memoryStorage()
  const places = await open(storage, 3)
  expect(places.taken).toEqual([])
  await Promise.all([1, 2, 2, 1, 3].map((n) => settle(places, n)))
  expect(places.isFree).toBe(false)
  const again = await open(storage, 4)
  expect(again.taken).toEqual([1, 2, 3].map(hyphalink))
  expect(again.isFree).toBe(true)
})

test('a hypha that waits takes no place, is there again, and can be forgotten; one that has its place can not', async () => {
  const storage = memoryStorage()
  const places = await open(storage, 1)
  await Promise.all([1, 2, 3].map((n) => places.claim(hyphalink(n), n)))
  expect(places).toMatchObject({ taken: [], isFree: true })
  expect(await places.take(hyphalink(2))).toBe(true)
  // It is the last one.
  expect(await places.take(hyphalink(3))).toBe(false)
  expect(await places.take(hyphalink(4))).toBe(false)
  await Promise.all([1, 2].map((n) => places.forget(hyphalink(n))))
  const again = await open(storage, 1)
  expect(again.taken).toEqual([hyphalink(2)])
  expect(again.waiting).toEqual([{ hyphalink: hyphalink(3), at: 3 }])
  expect([2, 3, 1].map((n) => again.has(hyphalink(n)))).toEqual([true, true, false])
})

test('a record that was cut short leaves the one before; two damaged ones are an error, not an empty server', async () => {
  const storage = memoryStorage()
  const places = await open(storage)
  await places.claim(hyphalink(1), 1)
  await places.claim(hyphalink(2), 2)
  await overwrite(storage, 'places/1', 60, Uint8Array.of(0xff, 0xff))
  expect((await open(storage)).waiting).toEqual([{ hyphalink: hyphalink(1), at: 1 }])
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
  await expect(places.claim(hyphalink(1), 1)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  expect(places.waiting).toEqual([])
  isFull = false
  await settle(places, 2, 1)
  expect((await open(storage)).taken).toEqual([hyphalink(2)])
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
  expect((await start({ storage })).status()).toMatchObject({ hyphas: 1, places: { taken: 0 } })
})

test('a code is guessed slowly from one address, and addresses are not remembered for ever', () => {
  const code = drawClaimCode(crypto.randomBytes)
  const { check } = createClaimCode(code, crypto)
  const next = 60_000 / CLAIM_TRIES_PER_MINUTE
  for (let i = 0; i < CLAIM_TRIES_PER_MINUTE; i++) expect(check(`wrong ${i}`, 'a', 0)).toBe('wrong')
  expect(check(code, 'a', 0)).toBe('busy')
  expect(check(code, 'b', 0)).toBe('right')
  expect(check(undefined, 'a', 0)).toBe('wrong')
  expect(check(code, 'a', next)).toBe('right')
  expect(check(code, 'a', next)).toBe('busy')
  for (let i = 0; i < MAX_CLAIM_ADDRESSES; i++) check('wrong', `other ${i}`, 0)
  expect(check(code, 'a', next)).toBe('right')
})

test('the code is the same at each start on one storage, does not lie open there, and is drawn anew where it is damaged', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-code-'))
  atEnd(() => rm(directory, { recursive: true }))
  const startOn = async () => {
    const node = await start({ storage: fileStorage(directory) })
    await node.close()
    return node
  }
  const { claimCode } = await startOn()
  expect((await startOn()).claimCode).toBe(claimCode)
  const slots = ['0', '1'].map((name) => join(directory, 'files/claim-code', name))
  for (const slot of slots) expect((await readFile(slot)).includes(claimCode!)).toBe(false)
  for (const slot of slots) await truncate(slot, 50)
  const another = await startOn()
  expect(another.claimCode).not.toBe(claimCode)
  expect(another.errors).toMatchObject([{ code: 'STORAGE_DAMAGED' }])
  expect((await startOn()).claimCode).toBe(another.claimCode)
})

test('the code can be chosen, and one that is easily guessed is refused without being repeated', async () => {
  const storage = memoryStorage()
  const node = await start({ storage, claimCode: 'three green boats' })
  expect(node.claimCode).toBe('three green boats')
  await node.close()
  // It is the keeper's to keep.
  expect((await start({ storage })).claimCode).not.toBe('three green boats')
  for (const claimCode of ['a-b-c-d-e-f-g', '       1      ', 'x'.repeat(MAX_CLAIM_CODE_LENGTH + 1)]) {
    const error = await createAlwaysOnNode({ port: 0, claimCode }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    expect(error.message).not.toContain(claimCode)
  }
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

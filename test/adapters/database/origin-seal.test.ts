import { describe, expect, test } from 'vitest'
import { openDatabase, sealOrigin } from '../../../src/adapters/database/hyperdb-database.js'
import { MendedHyperdb } from '../../../src/adapters/database/mended-hyperdb.js'
import { sealBlocks } from '../../../src/adapters/database/origin-seal.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../../src/adapters/storage/storage.js'
import { fromHex, toHex } from '../../../src/protocol/bytes.js'
import { type FaultyStorage, faultyStorage } from '../../../src/testing/faulty-storage.js'
import { errorCode, type Hypha, newHypha, openNode, put } from './nodes.js'

const contains = (storage: FaultyStorage, secret: Uint8Array): boolean =>
  storage.written.some(({ bytes }) => Buffer.from(bytes).includes(Buffer.from(secret)))

const signUp = (hypha: Hypha, storage: Storage) => openNode(openDatabase, hypha, { isOrigin: true, storage })

const originBlocks = async (storage: Storage, hypha: Hypha): Promise<string[]> => {
  const db = new MendedHyperdb((name) => storage.file(name), Buffer.from(hypha.hyphalink), {})
  await new Promise((resolve) => db.ready(resolve))
  const { source } = db
  return new Promise((resolve, reject) =>
    source.getBatch(0, source.length, { wait: false }, (error, blocks) =>
      error ? reject(error) : resolve((blocks ?? []).map(toHex)),
    ),
  )
}

test('the secret of the origin is wiped and never stored', async () => {
  const hypha = await newHypha()
  const storage = faultyStorage(memoryStorage())
  const secret = hypha.secret()
  const events = { entries() {}, progress() {}, error() {} }
  const db = await openDatabase({ hyphalink: hypha.hyphalink, originSecretKey: secret, storage, events })
  await db.write([put('x')])
  await db.close()
  expect(secret).toEqual(new Uint8Array(64))
  expect(contains(storage, hypha.secret().subarray(0, 32))).toBe(false)
  expect(storage.written.some(({ name }) => name === 'source/secret_key')).toBe(false)
})

test("the seal is what hyperdb's own authorize writes", async () => {
  const hypha = await newHypha()
  const ours = sealBlocks(hypha.hyphalink, hypha.hyphalink.slice().reverse(), 0).map(toHex)
  const storage = memoryStorage()
  const db = new MendedHyperdb((name) => storage.file(name), Buffer.from(hypha.hyphalink), {
    secretKey: Buffer.from(hypha.secret()),
    storeSecretKey: false,
  })
  const writer = Buffer.from(hypha.hyphalink.slice().reverse())
  await new Promise<void>((resolve) => db.ready(() => resolve()))
  await new Promise<void>((resolve) => db._addWriter(writer, () => resolve()))
  await new Promise<void>((resolve) => db.put('', null, () => resolve()))
  const blocks = await new Promise<Buffer[]>((resolve) =>
    db.source.getBatch(0, 2, { wait: false }, (_, found) => resolve(found ?? [])),
  )
  expect(blocks.map(toHex)).toEqual(ours)
})

test('a sealed origin is left as it is, also by one who has its secret', async () => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const alice = await signUp(hypha, storage)
  const before = await originBlocks(storage, hypha)
  await alice.db.close()
  await sealOrigin({ hyphalink: hypha.hyphalink, originSecretKey: hypha.secret(), storage })
  const again = await signUp(hypha, storage)
  expect(again.db.localWriter).toBe(alice.db.localWriter)
  expect(await originBlocks(storage, hypha)).toEqual(before)
  expect(before).toEqual(sealBlocks(hypha.hyphalink, fromHex(alice.db.localWriter, 32)!, 0).map(toHex))
  await again.db.close()
})

test('another secret than the origin’s is refused, and wiped', async () => {
  const hypha = await newHypha()
  const secret = (await newHypha()).secret()
  const sealing = sealOrigin({
    hyphalink: hypha.hyphalink,
    originSecretKey: secret,
    storage: memoryStorage(),
  })
  expect(await errorCode(sealing)).toBe('OPTION_INVALID')
  expect(secret).toEqual(new Uint8Array(64))
})

describe('interrupted at every write of a sign-up, it goes on with the same writer', () => {
  for (const fault of ['killed', 'torn', 'fails'] as const) {
    test(fault, { timeout: 120_000 }, async () => {
      const measured = faultyStorage(memoryStorage())
      const whole = await signUp(await newHypha(), measured)
      const { writes } = measured
      await whole.db.close()
      expect(writes).toBeGreaterThan(10)

      for (let at = 0; at < writes; at++) {
        const hypha = await newHypha()
        const storage = memoryStorage()
        const faulty = faultyStorage(storage, at, fault)
        const attempt = signUp(hypha, faulty)
        if (fault === 'fails') expect(await errorCode(attempt), `write ${at}`).toBe('STORAGE_FAILED')
        else {
          // A killed process hears nothing any more, and neither does its promise.
          attempt.catch(() => {})
          await faulty.struck
        }
        const stored = faulty.written.find(({ name, bytes }) => name === 'local/key' && bytes.length === 32)
        const alice = await signUp(hypha, storage)
        if (stored) expect(alice.db.localWriter, `write ${at}`).toBe(toHex(stored.bytes))
        expect(alice.db.isAuthorised(alice.db.localWriter), `write ${at}`).toBe(true)
        await alice.db.write([put('tea')])
        expect(alice.keys(), `write ${at}`).toEqual(['tea'])
        expect(alice.errors).toEqual([])
        expect(await originBlocks(storage, hypha), `write ${at}`).toEqual(
          sealBlocks(hypha.hyphalink, fromHex(alice.db.localWriter, 32)!, 0).map(toHex),
        )
        await alice.db.close()
      }
    })
  }
})

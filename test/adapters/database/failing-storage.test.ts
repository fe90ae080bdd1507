import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { fromHex } from '../../../src/protocol/bytes.js'
import { faultyStorage } from '../../../src/testing/faulty-storage.js'
import { errorCode, link, newHypha, openNode, put, until } from './nodes.js'

test('a write that the disk refuses is told, and the next one takes its place', {
  timeout: 120_000,
}, async () => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const faulty = faultyStorage(storage)
  const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage: faulty })
  const bob = await openNode(openDatabase, hypha)
  const carol = await openNode(openDatabase, hypha)
  await link(alice, bob)
  const acts = {
    one: (i: number) => alice.db.write([put(`one/${i}`)]),
    batch: (i: number) => alice.db.write([put(`batch/${i}/a`), put(`batch/${i}/b`)]),
    authorise: (i: number) => alice.db.authorise(fromHex(carol.db.localWriter, 32)!, put(`authorise/${i}`)),
  }
  let refused = 0
  for (const act of [acts.authorise, acts.one, acts.batch]) {
    for (let at = 0; at < 12; at++) {
      faulty.arm(at, 'once')
      const code = await errorCode(act(at))
      if (code !== 'no error') {
        expect(code).toBe('STORAGE_FAILED')
        refused++
      }
      faulty.arm(Number.POSITIVE_INFINITY, 'once')
      await alice.db.write([put(`then/${at}`)])
      expect(alice.keys().at(-1)).toBe(`then/${at}`)
    }
  }
  expect(refused).toBeGreaterThan(6)
  await until(() => bob.keys().length === alice.keys().length)
  expect(bob.keys()).toEqual(alice.keys())
  expect([...alice.errors, ...bob.errors]).toEqual([])

  await alice.db.close()
  const again = await openNode(openDatabase, hypha, { storage })
  expect(again.keys()).toEqual(bob.keys())
  await Promise.all([again, bob, carol].map(({ db }) => db.close()))
})

test.each([
  ['while a peer listens', true],
  ['with nobody there', false],
])('a write that failed is nowhere, whichever of its files it was, %s', async (_, isLinked) => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const faulty = faultyStorage(storage)
  const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage: faulty })
  const bob = await openNode(openDatabase, hypha)
  if (isLinked) await link(alice, bob)
  const acknowledged: string[] = []
  const failed: string[] = []
  const act = async (writes: readonly string[]) => {
    const code = await errorCode(alice.db.write(writes.map((key) => put(key))))
    expect(['no error', 'STORAGE_FAILED']).toContain(code)
    const list = code === 'no error' ? acknowledged : failed
    list.push(...writes)
  }
  for (let at = 0; at < 8; at++) {
    faulty.arm(at, 'once')
    await act([`one/${at}`])
    expect(alice.keys()).toEqual(acknowledged)
    faulty.arm(at, 'once')
    await act([`batch/${at}/a`, `batch/${at}/b`, `batch/${at}/c`])
    expect(alice.keys()).toEqual(acknowledged)
    faulty.arm(Number.POSITIVE_INFINITY, 'once')
    if (at % 3 === 0) await act([`then/${at}`])
  }
  expect(failed.length).toBeGreaterThan(6)
  // The last thing that happens is a failure, of the bits when all else is stored, or of something before them.
  const writes = faulty.writes
  await act(['whole'])
  faulty.arm(faulty.writes - writes - 1, 'once')
  await act(['last'])
  await alice.db.close()
  const again = await openNode(openDatabase, hypha, { storage })
  expect(again.keys()).toEqual(acknowledged)
  expect(again.errors).toEqual([])
  await again.db.write([put('on')])
  await link(again, bob)
  await until(() => bob.keys().includes('on'))
  expect(bob.keys()).toEqual([...acknowledged, 'on'])
  expect([...alice.errors, ...bob.errors]).toEqual([])
  await Promise.all([again, bob].map(({ db }) => db.close()))
})

test('a replica whose disk is full says so, and goes on when there is room', async () => {
  const hypha = await newHypha()
  const alice = await openNode(openDatabase, hypha, { isOrigin: true })
  const faulty = faultyStorage(memoryStorage())
  const bob = await openNode(openDatabase, hypha, { storage: faulty })
  await link(alice, bob)
  await alice.db.write([put('a')])
  await until(() => bob.keys().includes('a'))
  faulty.arm(0, 'fails')
  await alice.db.write([put('b')])
  await until(() => bob.errors.length > 0)
  expect(bob.errors[0]?.code).toBe('STORAGE_FAILED')
  faulty.arm(Number.POSITIVE_INFINITY, 'once')
  await link(alice, bob)
  await until(() => bob.keys().includes('b'))
  await Promise.all([alice, bob].map(({ db }) => db.close()))
})

test('a process that is killed while it writes loses no more than what was not acknowledged', {
  timeout: 120_000,
}, async () => {
  const hypha = await newHypha()
  let most = 0
  for (let at = 0; at < 50; at++) {
    const storage = memoryStorage()
    const faulty = faultyStorage(storage)
    const first = await openNode(openDatabase, hypha, { isOrigin: true, storage: faulty })
    const bob = await openNode(openDatabase, hypha)
    const between = await link(first, bob)
    await until(() =>
      bob.db.progress.some(({ folded, writer }) => writer === first.db.localWriter && folded === 1),
    )
    faulty.arm(at, at % 2 ? 'killed' : 'torn')
    let acknowledged = 0
    const writing = (async () => {
      for (let i = 0; i < 10; i++) {
        await first.db.write([put(`${i}`, 'v')])
        acknowledged++
        // What a peer has seen must not be written differently later.
        await Promise.race([faulty.struck, until(() => bob.keys().length === acknowledged)])
      }
    })()
    await Promise.race([faulty.struck, writing])
    most = Math.max(most, bob.keys().length)
    await between.cut()
    const seen = bob.keys()
    const second = await openNode(openDatabase, hypha, { storage })
    expect(second.db.localWriter).toBe(first.db.localWriter)
    expect(second.keys().length).toBeGreaterThanOrEqual(Math.max(acknowledged, seen.length))
    expect(second.keys().slice(0, seen.length)).toEqual(seen)
    await second.db.write([put('again')])
    await link(second, bob)
    await until(() => bob.keys().includes('again'))
    expect(bob.keys()).toEqual(second.keys())
    expect([...second.errors, ...bob.errors]).toEqual([])
    await Promise.all([second, bob].map(({ db }) => db.close()))
  }
  expect(most).toBeGreaterThan(5)
})

test.each([
  2, 3, 4, 5,
])('killed when only the hashes and the signature of a block were stored: it was never written, and the next takes its place (%i)', async (count) => {
  const hypha = await newHypha()
  const storage = memoryStorage()
  const first = await openNode(openDatabase, hypha, { isOrigin: true, storage })
  for (let i = 0; i < count; i++) await first.db.write([put(`${i}`)])
  await first.db.close()
  // Its length is on record now, so that its beginning is compared with that at the next opening.
  let isKilled = false
  let stored = 0
  const [signed, onSigned] = promise()
  const second = await openNode(openDatabase, hypha, {
    isOrigin: true,
    storage: {
      ...storage,
      file(name) {
        const file = storage.file(name)
        return {
          ...file,
          write(offset, bytes, callback) {
            if (!isKilled) file.write(offset, bytes, callback)
            else if (/\/(tree|signatures)$/.test(name)) {
              stored++
              file.write(offset, bytes, () => onSigned())
            }
          },
        }
      },
    },
  })
  isKilled = true
  void second.db.write([put('killed')])
  await signed
  await new Promise(setImmediate)
  expect(stored).toBeGreaterThan(1)
  const third = await openNode(openDatabase, hypha, { storage })
  await third.db.write([put('on')])
  const bob = await openNode(openDatabase, hypha)
  await link(third, bob)
  await until(() => bob.keys().includes('on'))
  expect(bob.keys()).toEqual([...Array.from({ length: count }, (_, i) => `${i}`), 'on'])
  expect([...third.errors, ...bob.errors]).toEqual([])
  await Promise.all([third, bob].map(({ db }) => db.close()))
})

const promise = (): [Promise<void>, () => void] => {
  let resolve = () => {}
  return [new Promise<void>((done) => (resolve = done)), () => resolve()]
}

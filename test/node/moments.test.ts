/** Calls at unlucky moments: they wait, or try again, where that is what the caller wants. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createNode, fileStorage, HyphaError, memoryStorage, type Storage, tcp } from '../../src/index.js'
import { createSimulatedClock } from '../../src/testing/index.js'
import { code, useDevices } from './devices.js'
import { reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { open } = useDevices()
const folders: string[] = []

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-moments-'))
  folders.push(folder)
  return folder
}

/** A directory in which Ada signed up, and wrote. */
const keptFolder = async (): Promise<string> => {
  const folder = await newFolder()
  const node = open({ storage: fileStorage(folder) })
  await node.signUp({ domain: DOMAIN })
  await node.put('k', 1)
  await node.close()
  return folder
}

const keysOf = async (node: ReturnType<typeof open>): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of node.entries()) keys.push(key)
  return keys
}

describe('a node that is coming back', () => {
  it('lets reads and writes wait until it is there, in their order', async () => {
    const node = open({ storage: fileStorage(await keptFolder()) })
    expect(node.state).toBe('opening')
    const value = { written: 'first' }
    const written = [node.put('l', value), node.batch([{ type: 'put', key: 'm', value: 2 }])]
    value.written = 'changed after the call'
    const fromListener = new Promise((resolve) => {
      const stop = node.subscribe(() => {
        if (node.state !== 'origin') return
        stop()
        resolve(node.put('l', { written: 'last' }))
      })
    })
    expect(await Promise.all([node.get('k'), node.getAll('k')])).toEqual([1, [1]])
    await Promise.all([...written, fromListener])
    expect(await keysOf(node)).toEqual(['k', 'l', 'm'])
    expect(await node.get('l')).toEqual({ written: 'last' })
    await node.del('m')
    expect(await keysOf(node)).toEqual(['k', 'l'])
  })

  it('lets each kind of call wait', async () => {
    const folder = await keptFolder()
    const calls: ((node: ReturnType<typeof open>) => Promise<unknown>)[] = [
      (node) => node.get('k'),
      (node) => node.getAll('k'),
      keysOf,
      (node) => node.put('k', 1),
      (node) => node.batch([]),
      (node) => node.requestAuthorisation(),
      (node) => code(node.authorise('00')),
      (node) => code(node.decline('00')),
      (node) => node.opened(),
      (node) => node.dismissNotice('00'.repeat(32)),
    ]
    const expected = [
      1,
      [1],
      ['k'],
      undefined,
      undefined,
      { outcome: 'authorised' },
      'REQUEST_UNKNOWN',
      'REQUEST_UNKNOWN',
      'origin',
      undefined,
    ]
    for (const [at, call] of calls.entries()) {
      const node = open({ storage: fileStorage(folder) })
      expect(await call(node)).toEqual(expected[at])
      await node.close()
    }
  })

  it('says at once what is wrong with a write that has to wait', async () => {
    const node = open({ storage: fileStorage(await keptFolder()) })
    expect(await code(node.put('', 1))).toBe('KEY_INVALID')
    expect(await code(node.put('l', undefined))).toBe('VALUE_INVALID')
    expect(await code(node.batch([{ type: 'put', key: 'l', value: Number.NaN }]))).toBe('VALUE_INVALID')
    expect(node.state).toBe('opening')
  })

  it('says by opened() what it has become, also when nothing was kept', async () => {
    expect(await open().opened()).toBe('signedOut')
    expect(await open({ storage: fileStorage(await newFolder()) }).opened()).toBe('signedOut')
    const node = open({ storage: fileStorage(await keptFolder()) })
    expect(await node.opened()).toBe('origin')
    await node.close()
    expect(await code(node.opened())).toBe('CLOSED')
  })

  it('keeps no call waiting where there is nothing to wait for', async () => {
    const node = open({ storage: fileStorage(await newFolder()) })
    for (const call of [node.get('k'), node.put('k', 1), keysOf(node), node.requestAuthorisation()])
      expect(await code(call)).toBe('NOT_OPEN')
    const closing = open({ storage: fileStorage(await keptFolder()) })
    const waiting = [code(closing.get('k')), code(closing.put('k', 2)), code(closing.opened())]
    await closing.close()
    expect(await Promise.all(waiting)).toEqual(['CLOSED', 'CLOSED', 'CLOSED'])
  })

  it('lets reads wait for a sign-up that is under way', async () => {
    const node = open()
    const signedUp = node.signUp({ domain: DOMAIN })
    await node.put('k', 1)
    expect(await node.get('k')).toBe(1)
    await signedUp
  })

  it('waits for the node that had its storage before to be closed', async () => {
    const storage = fileStorage(await keptFolder())
    const before = open({ storage })
    await before.opened()
    const closed = before.close()
    const after = open({ storage })
    expect(await after.get('k')).toBe(1)
    await closed
    await after.put('k', 2)
    expect(await after.get('k')).toBe(2)
  })
})

describe('a node whose storage somebody else has', () => {
  it('is tried again by every call, and stays failed meanwhile', async () => {
    const folder = await keptFolder()
    const first = open({ storage: fileStorage(folder) })
    await first.opened()
    const clock = createSimulatedClock()
    const second = createNode({ storage: fileStorage(folder), clock })
    const states: string[] = []
    second.subscribe(() => states.push(second.state))
    expect(await code(second.opened())).toBe('STORAGE_LOCKED')
    states.length = 0
    for (const call of [() => second.get('k'), () => second.put('k', 2), () => second.requestAuthorisation()])
      expect(await code(call())).toBe('STORAGE_LOCKED')
    expect(states.every((state) => state === 'failed')).toBe(true)
    expect(second.getSnapshot().problem?.code).toBe('STORAGE_LOCKED')
    await first.close()
    expect(await second.get('k')).toBe(1)
    expect([second.state, second.getSnapshot().problem]).toEqual(['origin', undefined])
    await second.close()
  })

  it('comes back by itself once that one lets go', async () => {
    const folder = await keptFolder()
    const first = open({ storage: fileStorage(folder) })
    await first.opened()
    const second = open({ storage: fileStorage(folder) })
    await reached(second, 'failed')
    await first.close()
    await reached(second, 'origin')
    expect(await second.get('k')).toBe(1)
  })

  it('tries again after longer and longer waits, and never in between', async () => {
    let tried = 0
    let isLocked = true
    const files = memoryStorage()
    const storage: Storage = {
      kind: 'memory',
      file: files.file,
      close: files.close,
      open: async () => {
        tried++
        if (isLocked) throw new HyphaError('STORAGE_LOCKED', 'Somebody else has it. Close that first.')
      },
    }
    const clock = createSimulatedClock()
    const node = open({ storage, clock })
    const waits: number[] = []
    const waiting = () => node.actor.getSnapshot().matches({ failed: 'waiting' })
    for (let i = 0; i < 6; i++) {
      await until(node, () => waiting())
      waits.push((clock.next ?? 0) - clock.now())
      await clock.advance(waits[i]! - 1)
      expect(tried).toBe(i + 1)
      await clock.advance(1)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000])
    await until(node, () => waiting())
    isLocked = false
    expect(await node.opened()).toBe('signedOut')
    expect(node.getSnapshot().problem).toBeUndefined()
  })
})

it('a node that failed for another reason is there again with the next call, once that is gone', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const storage = fileStorage(await keptFolder())
  const node = open({ storage, transports: [tcp({ listen: `127.0.0.1:${port}` })] })
  expect(await code(node.get('k'))).toBe('LISTEN_FAILED')
  expect(await code(node.put('k', 2))).toBe('LISTEN_FAILED')
  other.close()
  await once(other, 'close')
  expect(await node.get('k')).toBe(1)
})

/** What reads give: values of any size alike, names in one form, and conflicts that are told. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Change, HyphaNode, JsonValue } from '../../src/index.js'
import { fileStorage } from '../../src/index.js'
import { createHyphaStore } from '../../src/ui-bridge/store/index.js'
import { code, useDevices } from './devices.js'
import { next, reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { open, device } = useDevices()
const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen))

const listed = async (node: HyphaNode, prefix = '') => {
  const entries = []
  for await (const entry of node.entries(prefix)) entries.push(entry)
  return entries
}

describe('a value', () => {
  const shapes: Record<string, JsonValue> = {
    small: { n: { a: [1, { b: 2 }] } },
    large: { n: { a: [1, { b: 2 }] }, pad: 'x'.repeat(5_000) },
    huge: [{ pad: 'x'.repeat(500_000), n: [[]] }],
  }

  it('is frozen whatever its size, from each read, and after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hypha-values-'))
    folders.push(folder)
    const first = open({ storage: fileStorage(folder) })
    await first.signUp({ domain: DOMAIN })
    const watched: Change[] = []
    first.watch('', (change) => void watched.push(change))
    for (const [name, value] of Object.entries(shapes)) {
      await first.put(`private/${name}`, value)
      await first.put(`public/${name}`, value, { public: true })
    }
    const store = createHyphaStore(first)
    const list = store.entries()
    await new Promise<void>((resolve) => {
      const stop = list.subscribe(() => {
        if (list.getSnapshot().entries.length < 6) return
        stop()
        resolve()
      })
    })
    for (const { value } of list.getSnapshot().entries) expect(isFrozen(value)).toBe(true)
    store.close()
    await until(first, () => watched.length === 6)
    for (const { value } of watched) expect(isFrozen(value)).toBe(true)
    const look = async (node: HyphaNode) => {
      for (const [name, value] of Object.entries(shapes))
        for (const key of [`private/${name}`, `public/${name}`]) {
          const read = [await node.get(key), ...(await node.getAll(key))]
          read.push(...(await listed(node, key)).map((entry) => entry.value))
          expect(read).toEqual([value, value, value])
          expect(read.every(isFrozen)).toBe(true)
        }
    }
    await look(first)
    await first.close()
    await look(open({ storage: fileStorage(folder) }))
  })

  it('that is given stays the caller’s own', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    const value = { list: [1] }
    await node.put('k', value)
    value.list.push(2)
    expect(await node.get('k')).toEqual({ list: [1] })
  })

  it('may hold half a pair of surrogates, which comes back as it was', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    await node.put('k', ['\ud800', { '\udfff': 'x' }])
    expect(await node.get('k')).toEqual(['\ud800', { '\udfff': 'x' }])
  })
})

describe('a key', () => {
  const composed = 'notes/caf\u00e9'
  const apart = 'notes/cafe\u0301'

  it('is one, however its letters were typed', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    const changes: Change[] = []
    node.watch('notes/cafe\u0301', (change) => void changes.push(change))
    await node.put(composed, 1)
    expect([await node.get(apart), await node.getAll(apart)]).toEqual([1, [1]])
    await node.put(apart, 2)
    await node.batch([{ type: 'put', key: 'notes/A\u030a', value: 3 }])
    expect((await listed(node, 'notes/')).map(({ key }) => key)).toEqual([composed, 'notes/\u00c5'])
    expect((await listed(node, 'notes/cafe\u0301')).length).toBe(1)
    expect(changes).toEqual([
      { key: composed, value: 1, deleted: false },
      { key: composed, value: 2, deleted: false },
    ])
    await node.put(apart, 4, { public: true })
    await node.del(composed)
    expect(await node.get(apart)).toBeUndefined()
    expect((await listed(node)).map(({ key }) => key)).toEqual(['notes/\u00c5'])
  })

  it('works, or is refused with a word, by every call', async () => {
    const node = open()
    await node.signUp({ domain: DOMAIN })
    for (const key of ['', '/', '/a', 'a/', 'a//b', 'a\0b', 'a\nb', '\ud800', 'x'.repeat(2_000)]) {
      for (const call of [node.put(key, 1), node.del(key), node.get(key), node.getAll(key)])
        expect(await code(call), key).toBe('KEY_INVALID')
    }
    for (const key of ['.', '..', './a', 'a/..', '...', ' ', 'a b', '#', '\u200b', '😀', 'é'.repeat(500)]) {
      await node.put(key, key)
      expect(await node.get(key), key).toBe(key)
      await node.del(key)
      expect(await node.get(key), key).toBeUndefined()
    }
    for (const prefix of ['/', '/a', 'a//']) {
      expect(await code(listed(node, prefix))).toBe('KEY_INVALID')
      expect(() => node.watch(prefix, () => {})).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
    }
    expect(await node.get('.hypha/nodes')).toBeUndefined()
    expect(await listed(node, '.hypha/')).toEqual([])
  })
})

describe('a conflict', () => {
  it('is told on both devices when it comes, also where the value stays, and when it is resolved', async () => {
    const laptop = device({ name: 'Laptop' })
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const phone = device({ name: 'Phone' })
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    await laptop.authorise((await asked).id)
    await reached(phone, 'writer')
    const both = [laptop, phone]
    const heard: Change[][] = both.map(() => [])
    for (const [i, node] of both.entries()) node.watch('note', (change) => void heard[i]!.push(change))
    const heardBy = async (count: number) => {
      for (const [i, node] of both.entries()) await until(node, () => heard[i]!.length >= count)
    }

    const [road] = phone.transports()
    await phone.setTransport(road!.id, false)
    await laptop.put('note', 'laptop')
    await phone.put('note', 'phone')
    expect(heard.map((changes) => changes.length)).toEqual([1, 1])
    await phone.setTransport(road!.id, true)
    await heardBy(2)
    const value = await laptop.get('note')
    expect(await phone.get('note')).toBe(value)
    // On one of the two the value stayed: it heard all the same, and none heard twice.
    for (const changes of heard) {
      expect(changes.length).toBe(2)
      expect(changes[1]).toEqual({ key: 'note', value, deleted: false, conflict: true })
    }
    expect([...(await phone.getAll('note'))].sort()).toEqual(['laptop', 'phone'])

    await phone.put('note', value)
    await heardBy(3)
    for (const changes of heard) expect(changes[2]).toEqual({ key: 'note', value, deleted: false })
    expect(await laptop.getAll('note')).toEqual([value])
  })
})

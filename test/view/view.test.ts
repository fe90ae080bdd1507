import { describe, expect, it } from 'vitest'
import { INLINE_VALUE_BYTES } from '../../src/view/versions.js'
import { createView } from '../../src/view/view.js'
import { createHistory } from './history.js'

const values = (versions: readonly { value: unknown }[]) => versions.map(({ value }) => value)

/** Alice signs up on her laptop and authorises her phone. */
const createAlices = () => {
  const hypha = createHistory('laptop', 'phone', 'stranger')
  hypha.laptop.introduce("Alice's laptop")
  hypha.laptop.authorise(hypha.phone, { name: "Alice's phone", request: 'ab'.repeat(16), at: 7 })
  hypha.phone.sync(hypha.laptop)
  const view = createView(hypha)
  return { ...hypha, view, fold: () => view.fold(hypha.history) }
}

describe('reading', () => {
  it("shows on Alice's phone what her laptop wrote, in key order", () => {
    const { laptop, view, fold } = createAlices()
    laptop.put('notes/milk', 'buy milk')
    laptop.put('notes/bread', { loaves: 2 }, { public: true })
    laptop.put('notesbook', true)
    laptop.put('a', null)
    fold()
    expect(view.get('notes/milk')).toMatchObject({ value: 'buy milk', author: laptop.key, public: false })
    expect(view.get('notes/bread')).toMatchObject({ value: { loaves: 2 }, public: true, pointer: undefined })
    expect(view.get('notes/eggs')).toBeUndefined()
    expect(view.getAll('notes/eggs')).toEqual([])
    expect([view.has('a'), view.has('b'), view.size]).toEqual([true, false, 4])
    expect([...view.entries()].map(([name]) => name)).toEqual(['a', 'notes/bread', 'notes/milk', 'notesbook'])
    expect([...view.entries('notes/')].map(([name]) => name)).toEqual(['notes/bread', 'notes/milk'])
  })

  it('shows nothing of what was deleted, and what was put again', () => {
    const { laptop, phone, view, fold } = createAlices()
    laptop.put('milk', 1)
    phone.sync(laptop)
    phone.del('milk')
    expect(fold().changes).toEqual([])
    expect([view.has('milk'), view.size]).toEqual([false, 0])
    laptop.sync(phone)
    laptop.put('milk', 2)
    expect(fold().changes).toMatchObject([{ name: 'milk', value: 2, deleted: false }])
    phone.sync(laptop)
    phone.del('milk')
    expect(fold().changes).toEqual([{ name: 'milk', value: undefined, deleted: true, version: undefined }])
  })

  it('shows both values when the laptop and the phone write at once, until someone who saw both writes', () => {
    const { laptop, phone, view, fold } = createAlices()
    laptop.put('milk', 'one')
    phone.put('milk', 'two')
    phone.put('milk', 'three')
    fold()
    // The phone had seen more, counting its own first try.
    expect(values(view.getAll('milk'))).toEqual(['three', 'one'])
    phone.sync(laptop)
    phone.put('milk', 'four')
    fold()
    expect(values(view.getAll('milk'))).toEqual(['four'])
  })

  it('keeps a value that someone put while another deleted', () => {
    const { laptop, phone, view, fold } = createAlices()
    laptop.put('milk', 1)
    phone.sync(laptop)
    phone.put('milk', 2)
    laptop.del('milk')
    fold()
    expect(values(view.getAll('milk'))).toEqual([2])
  })

  it('knows a name by what it is called, however it is kept: public and private supersede each other', () => {
    const { laptop, view, fold } = createAlices()
    laptop.put('milk', 1, { public: true })
    laptop.del('milk', { public: true })
    laptop.put('milk', 2)
    fold()
    expect(view.getAll('milk')).toMatchObject([{ value: 2, public: false }])
  })

  it('tells where a large value is instead of keeping it', () => {
    const { laptop, view, fold } = createAlices()
    laptop.put('small', 'kept', { bytes: INLINE_VALUE_BYTES })
    const { feed, seq } = laptop.put('large', 'not kept', { bytes: INLINE_VALUE_BYTES + 1 })
    const { changes } = fold()
    expect(view.get('small')).toMatchObject({ value: 'kept', pointer: undefined })
    expect(view.get('large')).toMatchObject({ value: undefined, pointer: { feed, seq } })
    expect(changes[1]).toMatchObject({ name: 'large', deleted: false, version: { pointer: { feed, seq } } })
  })

  it('gives values that no reader can change for the others', () => {
    const { laptop, view, fold } = createAlices()
    laptop.put('list', [{ milk: 1 }])
    fold()
    const [first] = [view.get('list')?.value ?? []].flat()
    expect(first).toEqual({ milk: 1 })
    expect(() => Object.assign(first ?? {}, { milk: 2 })).toThrow(TypeError)
  })

  it('tells of a conflict that leaves the winner where it is, and of its end', () => {
    const { laptop, phone, fold } = createAlices()
    fold()
    phone.put('milk', 'phone, which has seen more')
    phone.put('other', 1)
    phone.put('milk', 'phone, again')
    fold()
    laptop.put('milk', 'laptop')
    const { changes, conflicts } = fold()
    const told = [...changes, ...(conflicts ?? [])]
    expect(told).toMatchObject([{ name: 'milk', conflict: true }])
    expect(told.length).toBe(1)
    expect(changes).toEqual([])
    phone.sync(laptop)
    phone.put('milk', 'one')
    const after = fold()
    expect(after).toMatchObject({ changes: [{ name: 'milk', value: 'one' }] })
    expect([after.conflicts, after.changes[0]?.conflict]).toEqual([undefined, undefined])
  })

  it('passes over entries that it has folded before', () => {
    const { laptop, view, fold } = createAlices()
    laptop.put('milk', 1)
    laptop.del('milk')
    fold()
    expect(fold()).toEqual({ changes: [], nodesChanged: false })
    expect(view.size).toBe(0)
  })

  it('takes feeds that become known while it folds', () => {
    const { feeds, history, decode, phone } = createAlices()
    phone.put('milk', 1)
    const known = feeds.slice(0, 2)
    const view = createView({ feeds: known, decode })
    view.fold(history.slice(0, 2))
    known.push(phone.key)
    view.fold(history.slice(2))
    expect(view.get('milk')?.author).toBe(phone.key)
  })
})

describe('admission', () => {
  it('tells who let whom in', () => {
    const { feeds, laptop, phone, stranger, view, fold } = createAlices()
    expect(fold().nodesChanged).toBe(true)
    expect(view.nodes()).toEqual([
      { writerKey: laptop.key, name: "Alice's laptop", authorisedBy: feeds[0], authorisedAt: 1, request: '' },
      {
        writerKey: phone.key,
        name: "Alice's phone",
        authorisedBy: laptop.key,
        authorisedAt: 7,
        request: 'ab'.repeat(16),
      },
    ])
    expect([laptop, phone, stranger].map(({ key }) => view.isAdmitted(key))).toEqual([true, true, false])
    expect([view.isAdmitted(feeds[0] ?? ''), view.isAdmitted('nobody')]).toEqual([false, false])
  })

  it('tells of a node under its newest name', () => {
    const { phone, view, fold } = createAlices()
    phone.introduce('Telephone')
    expect(fold().nodesChanged).toBe(true)
    expect(view.nodes()[1]).toMatchObject({ name: 'Telephone', authorisedAt: 7 })
  })

  it('lets nobody but a node itself, and whoever let it in, name it', () => {
    const { laptop, phone, stranger, view, fold } = createAlices()
    phone.authorise(stranger, { name: 'Tablet' })
    laptop.sync(phone)
    laptop.authorise(stranger, { name: 'Not a tablet' })
    laptop.authorise(phone, { name: 'Not a phone' })
    phone.sync(laptop)
    phone.authorise(laptop, { name: 'Not a laptop' })
    fold()
    expect(view.nodes().map(({ name }) => name)).toEqual(["Alice's laptop", "Alice's phone", 'Tablet'])
    stranger.sync(phone)
    stranger.introduce('My tablet')
    laptop.sync(stranger)
    laptop.authorise(stranger, { name: 'Still not a tablet' })
    fold()
    expect(view.nodes()[2]).toMatchObject({ name: 'My tablet', authorisedBy: phone.key })
  })

  it('does not believe who says, once a node has written, to have let it in earlier', () => {
    const { laptop, phone, stranger, view, fold } = createAlices()
    laptop.put('milk', 1)
    laptop.put('bread', 1)
    laptop.authorise(stranger, { name: 'Tablet' })
    stranger.sync(laptop)
    stranger.put('tea', 1)
    // By its clock it knows of nothing that the laptop wrote since: it ranks first.
    phone.authorise(stranger, { name: 'Not a tablet' })
    fold()
    expect(view.nodes().find(({ writerKey }) => writerKey === stranger.key)).toMatchObject({
      name: 'Tablet',
      authorisedBy: laptop.key,
    })
  })

  it('does not count what a node wrote before it knew that it was authorised', () => {
    const { laptop, phone, stranger, view, fold } = createAlices()
    stranger.put('early', 1)
    phone.sync(stranger)
    phone.authorise(stranger)
    stranger.put('unknowing', 2)
    stranger.sync(phone)
    stranger.put('late', 3)
    laptop.sync(stranger)
    fold()
    expect([...view.entries()].map(([name]) => name)).toEqual(['late'])
  })

  it('does not let a stranger overwrite, delete or authorise', () => {
    const { laptop, phone, stranger, view, fold } = createAlices()
    laptop.put('milk', 1)
    stranger.sync(laptop)
    stranger.del('milk')
    stranger.authorise(stranger)
    stranger.put('milk', 2)
    phone.sync(stranger)
    fold()
    expect(values(view.getAll('milk'))).toEqual([1])
    expect(view.isAdmitted(stranger.key)).toBe(false)
  })

  it.each([
    ['without a record', 'none', true],
    ['without hyperdb', {}, false],
    ["in another's name", { author: 'f'.repeat(64) }, true],
  ] as const)('does not admit who is authorised %s', (_, record, listed) => {
    const { laptop, stranger, view, fold } = createAlices()
    laptop.authorise(stranger, record, listed)
    stranger.sync(laptop)
    stranger.put('milk', 1)
    fold()
    expect([view.isAdmitted(stranger.key), view.size]).toEqual([false, 0])
  })

  it('honours nothing that the origin writes after its seal', () => {
    const { origin, stranger, view, fold } = createAlices()
    origin.put('milk', 1)
    origin.authorise(stranger)
    stranger.sync(origin)
    stranger.put('bread', 1)
    fold()
    expect([view.isAdmitted(stranger.key), view.size]).toEqual([false, 0])
  })

  it('works for a reader without keys: what cannot be opened is passed over, the nodes are without names', () => {
    const { laptop, feeds, history, decode, phone } = createAlices()
    laptop.put('open', 1, { public: true })
    laptop.put('secret', 2)
    const view = createView({
      feeds,
      decode(entry) {
        const decoded = decode(entry)
        if (decoded?.kind === 'record') return { ...decoded, name: undefined }
        return decoded?.public ? decoded : undefined
      },
    })
    view.fold(history)
    expect([...view.entries()].map(([name]) => name)).toEqual(['open'])
    expect(view.nodes()).toMatchObject([
      { writerKey: laptop.key, name: undefined },
      { writerKey: phone.key, name: undefined, authorisedBy: laptop.key },
    ])
  })
})

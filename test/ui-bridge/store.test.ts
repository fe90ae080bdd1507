import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryNetwork, createNode, type HyphaNode, memoryTransport } from '../../src/index.js'
import { createHyphaStore, type HyphaStore, type Readable } from '../../src/ui-bridge/store/index.js'
import { reached } from '../node/until.js'

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
const DOMAIN = 'alice.example'

const open = (options: Parameters<typeof createNode>[0] = {}): HyphaNode => {
  const node = createNode(options)
  ends.push(() => node.close())
  return node
}
const storeOf = (node: HyphaNode): HyphaStore => {
  const store = createHyphaStore(node)
  ends.push(store.close)
  return store
}
const laptop = async () => {
  const node = open({ name: 'Laptop' })
  await node.signUp({ domain: DOMAIN })
  return node
}

/** Resolves once what is read passes the check; looks whenever it is told of news. */
const shows = <Value>(of: Readable<Value>, check: (value: Value) => unknown): Promise<Value> =>
  new Promise((resolve) => {
    const look = () => {
      const value = of.getSnapshot()
      if (!check(value)) return
      stop()
      resolve(value)
    }
    const stop = of.subscribe(look)
    look()
  })

/** Frames that come when they are told to. */
const heldFrames = () => {
  let waiting: (() => void)[] = []
  const stub = {
    requestAnimationFrame: (run: () => void) => {
      waiting.push(run)
      return 1
    },
    cancelAnimationFrame: () => {},
  }
  Object.assign(globalThis, stub)
  ends.push(() => {
    Reflect.deleteProperty(globalThis, 'requestAnimationFrame')
    Reflect.deleteProperty(globalThis, 'cancelAnimationFrame')
  })
  return {
    next: () => {
      const due = waiting
      waiting = []
      for (const run of due) run()
    },
  }
}

const keysOf = ({ entries }: { entries: readonly { key: string }[] }) => entries.map(({ key }) => key)

describe('a store', () => {
  it('shows the node’s picture, and of a new one every part that is the same as before', async () => {
    const network = createMemoryNetwork()
    const node = open({ name: 'Laptop', transports: [memoryTransport(network)] })
    const { passphrase } = await node.signUp({ domain: DOMAIN })
    const store = storeOf(node)
    const before = await shows(store, ({ nodes, sync }) => nodes[0]?.name === 'Laptop' && sync.complete)
    node.on('authorisation-requested', ({ id }) => void node.authorise(id))
    const phone = open({ name: 'Phone', transports: [memoryTransport(network)] })
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    const after = await shows(store, ({ nodes }) => nodes.length === 2)
    expect(after.nodes).not.toBe(before.nodes)
    expect(after.nodes[0]).toBe(before.nodes[0])
    const put = await (async () => {
      const rest = store.getSnapshot()
      await node.put('a', 1)
      return [rest, await shows(store, ({ sync }) => sync.folded > rest.sync.folded)] as const
    })()
    expect(put[1]).not.toBe(put[0])
    expect(put[1].nodes).toBe(put[0].nodes)
    expect(put[1].transports).toBe(put[0].transports)
    expect(Object.isFrozen(put[1]) && Object.isFrozen(put[1].sync.writers)).toBe(true)
  })

  it('tells once a frame, however much happened, and all of it together', async () => {
    const frames = heldFrames()
    const node = await laptop()
    const store = storeOf(node)
    const list = store.entries('notes/')
    let told = 0
    const folded: [number, number][] = []
    ends.push(store.subscribe(() => told++))
    ends.push(
      list.subscribe(() => folded.push([list.getSnapshot().entries.length, store.getSnapshot().sync.folded])),
    )
    for (let i = 0; i < 200; i++) await node.put(`notes/${String(i).padStart(3, '0')}`, i)
    // At most the frames that a page which is hidden gives itself.
    const hidden = told
    frames.next()
    expect(told).toBeLessThanOrEqual(hidden + 1)
    await shows(list, ({ entries }) => {
      frames.next()
      return entries.length === 200
    })
    for (const [entries, blocks] of folded) expect(blocks).toBeGreaterThanOrEqual(entries)
  })

  it('goes on in a page that is hidden, where there are no frames', async () => {
    heldFrames()
    const node = await laptop()
    const list = storeOf(node).entries()
    await node.put('a', 1)
    expect(keysOf(await shows(list, ({ entries }) => entries.length === 1))).toEqual(['a'])
  })

  it('asks for nothing while nobody listens, and is always right all the same', async () => {
    const node = await laptop()
    let subscribed = 0
    const subscribe = node.subscribe
    node.subscribe = (listener) => {
      subscribed++
      const stop = subscribe(listener)
      return () => {
        subscribed--
        stop()
      }
    }
    const store = storeOf(node)
    const before = store.getSnapshot()
    expect(store.getSnapshot()).toBe(before)
    await node.put('a', 1)
    expect(store.getSnapshot().sync.folded).toBe(before.sync.folded + 1)
    expect(subscribed).toBe(0)
    const stops = [store.subscribe(() => {}), store.entries('a').subscribe(() => {})]
    expect(subscribed).toBe(1)
    for (const stop of stops) stop()
    expect(subscribed).toBe(0)
  })

  it('is silent once it is closed', async () => {
    const node = await laptop()
    const store = createHyphaStore(node)
    let told = 0
    store.subscribe(() => told++)
    store.entries().subscribe(() => told++)
    store.close()
    await node.put('a', 1)
    const other = storeOf(node)
    await shows(other.entries(), ({ entries }) => entries.length === 1)
    expect(told).toBe(0)
  })

  it('keeps a listener’s mistake from the others', async () => {
    const node = await laptop()
    const store = storeOf(node)
    const thrown = new Promise((resolve) => {
      const listeners = process.listeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener)
        resolve(error)
      })
    })
    const mistake = new Error('a mistake')
    let isFirst = true
    ends.push(
      store.subscribe(() => {
        if (!isFirst) return
        isFirst = false
        throw mistake
      }),
    )
    const heard = new Promise<void>((resolve) => ends.push(store.subscribe(resolve)))
    await node.put('a', 1)
    await heard
    expect(await thrown).toBe(mistake)
  })
})

describe('a list of entries', () => {
  it('is empty and not loaded until it is read, and then has what was there and what comes, in key order', async () => {
    const node = await laptop()
    await node.batch([
      { type: 'put', key: 'notes/b', value: 1 },
      { type: 'put', key: 'other', value: 1 },
    ])
    const list = storeOf(node).entries('notes/')
    expect(list.getSnapshot()).toEqual({ entries: [], isLoaded: false })
    expect(keysOf(await shows(list, ({ isLoaded }) => isLoaded))).toEqual(['notes/b'])
    await node.put('notes/a', 2)
    await node.put('notes/c', 3)
    expect(keysOf(await shows(list, ({ entries }) => entries.length === 3))).toEqual([
      'notes/a',
      'notes/b',
      'notes/c',
    ])
    await node.del('notes/b')
    expect(keysOf(await shows(list, ({ entries }) => entries.length === 2))).toEqual(['notes/a', 'notes/c'])
  })

  it('keeps the identity of all that was not written, and of itself when nothing was', async () => {
    const node = await laptop()
    await node.put('notes/a', { text: 'a' })
    await node.put('notes/b', { text: 'b' })
    const store = storeOf(node)
    const list = store.entries('notes/')
    const told: unknown[] = []
    ends.push(list.subscribe(() => told.push(list.getSnapshot())))
    const before = await shows(list, ({ isLoaded }) => isLoaded)
    await node.put('notes/b', { text: 'changed' })
    const after = await shows(list, (now) => now !== before)
    expect(after.entries[0]).toBe(before.entries[0])
    expect(after.entries[1]).not.toBe(before.entries[1])
    expect(after.entries[1]?.value).toEqual({ text: 'changed' })
    // Written elsewhere: nothing here.
    const count = told.length
    const blocks = store.getSnapshot().sync.folded
    await node.put('elsewhere', 1)
    await shows(store, ({ sync }) => sync.folded > blocks)
    expect(list.getSnapshot()).toBe(after)
    expect(told).toHaveLength(count)
    // Many at once are read anew, and the others stay the same objects.
    await node.batch(
      Array.from({ length: 500 }, (_, i) => ({ type: 'put' as const, key: `notes/c${i}`, value: i })),
    )
    const many = await shows(list, ({ entries }) => entries.length === 502)
    expect(many.entries[0]).toBe(after.entries[0])
    expect(many.entries[1]).toBe(after.entries[1])
  })

  it('is one for all who ask for the same prefix', async () => {
    const store = storeOf(await laptop())
    expect(store.entries('a')).toBe(store.entries('a'))
    expect(store.entries('a')).not.toBe(store.entries('b'))
    expect(store.entries()).toBe(store.entries(''))
  })

  it('loads when the node is opened, and is empty while it is not', async () => {
    const node = open({ name: 'Laptop' })
    const list = storeOf(node).entries()
    const loaded = shows(list, ({ isLoaded }) => isLoaded)
    expect(list.getSnapshot().isLoaded).toBe(false)
    await node.signUp({ domain: DOMAIN })
    expect((await loaded).entries).toEqual([])
  })

  it('shows a node that was closed as it was', async () => {
    const node = await laptop()
    await node.put('a', 1)
    const list = storeOf(node).entries()
    ends.push(list.subscribe(() => {}))
    const shown = await shows(list, ({ entries }) => entries.length === 1)
    await node.close()
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(list.getSnapshot()).toBe(shown)
  })

  it('is read anew after nobody was there to see it', async () => {
    const node = await laptop()
    const store = storeOf(node)
    const list = store.entries('notes/')
    list.subscribe(() => {})()
    await node.put('notes/a', 1)
    expect(keysOf(await shows(list, ({ entries }) => entries.length === 1))).toEqual(['notes/a'])
  })

  it('reads many without holding anything up, and agrees with the node in the end', async () => {
    const node = await laptop()
    for (let i = 0; i < 5; i++) {
      await node.batch(
        Array.from({ length: 2_000 }, (_, j) => ({ type: 'put' as const, key: `n/${i}/${j}`, value: j })),
      )
    }
    const list = storeOf(node).entries('n/')
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await node.put(`n/late/${i}`, i)
      await node.del('n/0/7')
    })()
    const shown = await shows(list, ({ entries }) => entries.length === 10_049)
    await writing
    const there: string[] = []
    for await (const { key } of node.entries('n/')) there.push(key)
    expect(keysOf(shown)).toEqual(there)
  })
})

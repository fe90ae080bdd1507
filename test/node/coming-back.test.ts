import { describe, expect, it } from 'vitest'
import { HyphaError, memoryStorage, type Storage } from '../../src/index.js'
import { code, useDevices } from './devices.js'
import { arrived, next, reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { open, device } = useDevices()

/** Ada's laptop, and a storage in which her phone was let in and closed. */
const afterTheFlow = async () => {
  const laptop = device({ name: 'Laptop' })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
  const storage = memoryStorage()
  const phone = device({ name: 'Phone', storage })
  await phone.signIn({ domain: DOMAIN, passphrase })
  await reached(phone, 'writer')
  await phone.put('from/phone', 1)
  const { writerKey } = phone
  await phone.close()
  return { laptop, storage, passphrase, hyphalink, writerKey }
}

describe('a node that was closed is there again without the passphrase', () => {
  it('as the origin, with its entries, its name and its writer', async () => {
    const storage = memoryStorage()
    const before = open({ name: 'Laptop', storage })
    expect(before.state).toBe('signedOut')
    await before.signUp({ domain: DOMAIN })
    await before.put('a', 1)
    await before.put('b', 2, { public: true })
    const { hyphalink, writerKey } = before.getSnapshot()
    await before.close()

    const after = open({ storage })
    expect(after.state).toBe('opening')
    await reached(after, 'origin')
    expect(after.getSnapshot()).toMatchObject({ hyphalink, writerKey, name: 'Laptop' })
    expect(after.nodes()).toMatchObject([{ name: 'Laptop', isSelf: true }])
    expect([await after.get('a'), await after.get('b')]).toEqual([1, 2])
    await after.put('a', 3)
    expect(await after.get('a')).toBe(3)
  })

  it('as a writer, who may let others in', async () => {
    const { laptop, storage, passphrase } = await afterTheFlow()
    const phone = device({ storage })
    await reached(phone, 'writer')
    expect(await phone.get('from/phone')).toBe(1)
    await laptop.close()
    phone.on('authorisation-requested', ({ id }) => void phone.authorise(id))
    const tablet = device({ name: 'Tablet' })
    await tablet.signIn({ domain: DOMAIN, passphrase })
    await reached(tablet, 'writer')
    await phone.put('again', 2)
    expect(await arrived(tablet, 'again')).toBe(2)
  })

  it('as a reader, by passphrase or by hyphalink', async () => {
    const { laptop, passphrase, hyphalink } = await afterTheFlow()
    await laptop.put('open', 1, { public: true })
    await laptop.put('closed', 2)
    const [signedIn, byLink] = [memoryStorage(), memoryStorage()]
    const first = device({ storage: signedIn })
    await first.signIn({ domain: DOMAIN, passphrase, request: false })
    const second = device({ storage: byLink })
    await second.open({ hyphalink })
    for (const node of [first, second]) {
      await arrived(node, 'open')
      await node.close()
    }
    const reader = device({ storage: signedIn })
    await reached(reader, 'readOnly')
    expect(await arrived(reader, 'closed')).toBe(2)
    const stranger = device({ storage: byLink })
    await reached(stranger, 'readOnly')
    expect(await stranger.get('open')).toBe(1)
    expect(await stranger.get('closed')).toBeUndefined()
    expect(await code(stranger.requestAuthorisation())).toBe('NO_CHANNEL')
    await stranger.open({ hyphalink })
  })

  it('with the question that it had asked, which stays one prompt', async () => {
    const laptop = device()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const before = device({ name: 'Phone', storage })
    await before.signIn({ domain: DOMAIN, passphrase })
    const asked = await until(laptop, () => laptop.requests()[0])
    await before.close()

    const prompted: string[] = []
    laptop.on('authorisation-requested', ({ id }) => prompted.push(id))
    const after = device({ storage })
    await reached(after, 'awaitingAuthorisation')
    expect(after.request()).toMatchObject({ id: asked.id, words: asked.words })
    await until(after, () => after.getSnapshot().peers.length > 0)
    await laptop.authorise(asked.id)
    await reached(after, 'writer')
    expect(prompted).toEqual([])
    await after.close()

    const again = device({ storage })
    await reached(again, 'writer')
  })

  it('as a writer, when the answer came while it was away', async () => {
    const laptop = device()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const before = device({ name: 'Phone', storage })
    await before.signIn({ domain: DOMAIN, passphrase })
    const asked = await until(laptop, () => laptop.requests()[0])
    await before.close()
    await laptop.authorise(asked.id)
    const after = device({ storage })
    await next(after, 'authorised')
    expect(after.state).toBe('writer')
  })

  it('and does not ask again what its person took back', async () => {
    const laptop = device()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const before = device({ storage })
    await before.signIn({ domain: DOMAIN, passphrase })
    await until(laptop, () => laptop.requests()[0])
    before.cancelRequest()
    await reached(before, 'readOnly')
    await before.close()
    const after = device({ storage })
    await reached(after, 'readOnly')
    expect(after.request()).toBeUndefined()
  })

  it('and takes back what it had asked, if its person says so while it is coming back', async () => {
    const laptop = device()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const before = device({ storage })
    await before.signIn({ domain: DOMAIN, passphrase })
    await until(laptop, () => laptop.requests()[0])
    await before.close()
    const after = device({ storage })
    expect(after.state).toBe('opening')
    after.cancelRequest()
    await reached(after, 'readOnly')
    expect(after.request()).toBeUndefined()
    // Asked again at once, it is a question anew.
    await after.close()
    const again = device({ storage })
    again.cancelRequest()
    const answer = again.requestAuthorisation()
    const { id } = await until(laptop, () => laptop.requests()[0])
    await laptop.authorise(id)
    expect(await answer).toEqual({ outcome: 'authorised' })
  })
})

describe('a node that came back', () => {
  it('takes the passphrase of its hypha, and no other', async () => {
    const { storage, passphrase, writerKey } = await afterTheFlow()
    const other = await open().signUp({ domain: DOMAIN })
    const phone = device({ storage })
    // At once, before it can know what the storage keeps.
    await phone.signIn({ domain: DOMAIN, passphrase })
    expect(phone.state).toBe('writer')
    expect(phone.writerKey).toBe(writerKey)
    await phone.signIn({ domain: DOMAIN, passphrase })
    expect(await code(phone.signIn({ domain: DOMAIN, passphrase: other.passphrase }))).toBe(
      'STORAGE_OF_ANOTHER_HYPHA',
    )
    const [first, ...rest] = passphrase.split(' ')
    const wrong = [...rest, first].join(' ')
    expect(await code(phone.signIn({ domain: DOMAIN, passphrase: wrong }))).toBe('PASSPHRASE_INVALID')
    expect(await code(phone.signUp({ domain: DOMAIN }))).toBe('ALREADY_OPEN')
    expect(phone.state).toBe('writer')
  })

  it('asks when a reader signs in', async () => {
    const laptop = device()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const storage = memoryStorage()
    const before = device({ storage })
    await before.signIn({ domain: DOMAIN, passphrase, request: false })
    await before.close()
    const after = device({ storage })
    await after.signIn({ domain: DOMAIN, passphrase })
    const { id } = await until(laptop, () => laptop.requests()[0])
    await laptop.authorise(id)
    await reached(after, 'writer')
  })

  it('keeps a name that it is given anew', async () => {
    const { storage } = await afterTheFlow()
    const phone = device({ storage, name: 'Old phone' })
    await reached(phone, 'writer')
    expect(phone.getSnapshot().name).toBe('Old phone')
  })

  it('may be closed while it is coming back', async () => {
    const { storage } = await afterTheFlow()
    const phone = open({ storage })
    const signingIn = code(phone.signUp({ domain: DOMAIN }))
    await phone.close()
    expect(await signingIn).toBe('CLOSED')
    await reached(device({ storage }), 'writer')
  })
})

/** What a storage does when its n-th write fails, and every one after it: as a process that was killed there. */
const cutAt = (storage: Storage, writes: number): Storage => {
  let left = writes
  return {
    kind: storage.kind,
    close: storage.close,
    file: (name) => {
      const file = storage.file(name)
      return {
        ...file,
        write: (offset, bytes, done) =>
          left-- > 0
            ? file.write(offset, bytes, done)
            : queueMicrotask(() => done?.(new Error('There is no such process'))),
      }
    },
  }
}

describe('what is stored', () => {
  it('of a sign-up that was cut short is in nobody’s way, wherever it was cut', async () => {
    let finished = false
    for (let writes = 0; !finished; writes += 3) {
      const storage = memoryStorage()
      const cut = open({ storage: cutAt(storage, writes) })
      finished = (await code(cut.signUp({ domain: DOMAIN }))) === 'no error'
      await cut.close()
      const again = open({ storage })
      await until(again, () => again.state !== 'opening')
      expect(again.state).toBe(finished ? 'origin' : 'signedOut')
      if (!finished) await again.signUp({ domain: DOMAIN })
      await again.put('a', 1)
      await again.close()
    }
  })

  it('when damaged is an error that says so, and signing in again mends it', async () => {
    const { storage, passphrase } = await afterTheFlow()
    const damage = (name: string) =>
      new Promise<void>((resolve, reject) =>
        storage.file(name).write(60, Buffer.from('x'), (error) => (error ? reject(error) : resolve())),
      )
    await damage('node/0')
    const halfDamaged = device({ storage })
    await reached(halfDamaged, 'writer')
    await halfDamaged.close()
    await damage('node/0')
    await damage('node/1')
    const phone = device({ storage })
    await reached(phone, 'failed')
    expect(phone.getSnapshot().problem?.code).toBe('STORAGE_DAMAGED')
    // Anew would be another hypha in the place of this one.
    expect(await code(phone.signUp({ domain: DOMAIN }))).toBe('STORAGE_DAMAGED')
    expect(await code(phone.get('from/phone'))).toBe('STORAGE_DAMAGED')
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    await phone.close()
    await reached(device({ storage }), 'writer')
  })

  it('is wrapped when the storage can, and useless where it can not be unwrapped', async () => {
    const wrapped: Uint8Array[] = []
    let isLost = false
    const flip = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0x5a)
    const files = memoryStorage()
    const storage: Storage = {
      kind: 'memory',
      file: files.file,
      close: files.close,
      wrapping: {
        wrap: async (secret) => {
          wrapped.push(new Uint8Array(secret))
          return flip(secret)
        },
        unwrap: async (bytes) => (isLost ? undefined : flip(bytes)),
      },
    }
    const before = open({ storage })
    await before.signUp({ domain: DOMAIN })
    await before.close()
    expect(wrapped.length).toBeGreaterThan(0)
    const after = open({ storage })
    await reached(after, 'origin')
    await after.close()
    isLost = true
    const lost = open({ storage })
    await reached(lost, 'failed')
    expect(lost.getSnapshot().problem?.code).toBe('STORAGE_FAILED')
  })
})

it('a storage that somebody else has is a state, an error of every call, and is not replaced afterwards', async () => {
  const { storage: files, passphrase, hyphalink } = await afterTheFlow()
  const other = await open().signUp({ domain: DOMAIN })
  let isLocked = true
  const storage: Storage = {
    kind: 'memory',
    file: files.file,
    close: files.close,
    open: async () => {
      if (isLocked) throw new HyphaError('STORAGE_LOCKED', 'Somebody else has it. Close that first.')
    },
  }
  const node = device({ storage })
  expect(node.state).toBe('opening')
  expect(await code(node.signUp({ domain: DOMAIN }))).toBe('STORAGE_LOCKED')
  expect(node.state).toBe('failed')
  expect(node.getSnapshot().problem?.code).toBe('STORAGE_LOCKED')
  expect(await code(node.get('from/phone'))).toBe('STORAGE_LOCKED')
  isLocked = false
  expect(await code(node.signUp({ domain: DOMAIN }))).toBe('ALREADY_OPEN')
  expect([node.state, node.hyphalink]).toEqual(['writer', hyphalink])
  await node.close()

  isLocked = true
  const again = device({ storage })
  await reached(again, 'failed')
  isLocked = false
  expect(await code(again.signIn({ domain: DOMAIN, passphrase: other.passphrase }))).toBe(
    'STORAGE_OF_ANOTHER_HYPHA',
  )
  await again.signIn({ domain: DOMAIN, passphrase })
  expect(await again.get('from/phone')).toBe(1)
})

it('a record that a disk refuses to give is no sign that there is none', async () => {
  const { storage: files } = await afterTheFlow()
  const refused = Object.assign(new Error('permission denied'), { code: 'EACCES' })
  const storage: Storage = {
    kind: 'memory',
    close: files.close,
    file: (name) => ({
      ...files.file(name),
      read: (_at, _size, done) => queueMicrotask(() => done(refused)),
    }),
  }
  const node = device({ storage })
  expect(await code(node.signUp({ domain: DOMAIN }))).toBe('STORAGE_FAILED')
  expect(node.state).toBe('failed')
})

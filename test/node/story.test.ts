import { afterEach, describe, expect, it } from 'vitest'
import { createNode, HyphaError, type HyphaNode, type NodeOptions, tcp } from '../../src/index.js'
import { arrived, next, reached, until } from './until.js'

const nodes: HyphaNode[] = []
const open = (options: NodeOptions) => {
  const node = createNode(options)
  nodes.push(node)
  return node
}
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

const DOMAIN = 'alice.example'

/** Alice signs up on her laptop, which listens. */
const alicesLaptop = async (options: NodeOptions = {}) => {
  const road = tcp({ listen: '127.0.0.1:0' })
  const laptop = open({ name: 'Alice’s laptop', transports: [road], ...options })
  const { passphrase, hyphalink } = await laptop.signUp({ domain: DOMAIN })
  const address = road.listening as string
  const another = (name: string) => open({ name, transports: [tcp({ connect: [address] })] })
  return { laptop, passphrase, hyphalink, address, another }
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => (error instanceof HyphaError ? error.code : `not ours: ${error}`),
  )

describe('Alice signs up on her laptop', () => {
  it('is the origin, has nine words and a hyphalink, and writes', async () => {
    const { laptop, passphrase, hyphalink } = await alicesLaptop()
    expect(laptop.state).toBe('origin')
    expect(passphrase.split(' ')).toHaveLength(9)
    expect(hyphalink).toMatch(/^[0-9a-f]{64}$/)
    await laptop.put('notes/1', { text: 'hello' })
    expect(await laptop.get('notes/1')).toEqual({ text: 'hello' })
    expect(laptop.nodes()).toMatchObject([{ name: 'Alice’s laptop', isSelf: true, revoked: false }])
  })

  it('signs in on her phone: the phone reads, asks, is let in and both write one database', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    await laptop.put('notes/1', 'from the laptop')
    const phone = another('Alice’s phone')
    const asked = next(laptop, 'authorisation-requested')
    const authorised = next(phone, 'authorised')
    await phone.signIn({ domain: DOMAIN, passphrase })
    expect(phone.state).toBe('awaitingAuthorisation')
    expect(await code(phone.put('notes/2', 'too early'))).toBe('NOT_A_WRITER')

    const request = await asked
    expect(request).toMatchObject({ nodeName: 'Alice’s phone', legacy: false, writerKey: phone.writerKey })
    expect(request.words).toHaveLength(5)
    expect(phone.request()).toMatchObject({ id: request.id, words: request.words })
    expect(laptop.requests()).toEqual([request])

    const answer = phone.requestAuthorisation()
    await laptop.authorise(request.id, { words: request.words })
    await authorised
    expect(await answer).toEqual({ outcome: 'authorised' })
    expect(phone.state).toBe('writer')
    expect(laptop.requests()).toEqual([])

    await phone.put('notes/2', 'from the phone')
    expect(await arrived(laptop, 'notes/2')).toBe('from the phone')
    expect(await arrived(phone, 'notes/1')).toBe('from the laptop')
    expect(phone.nodes().map(({ name }) => name)).toEqual(['Alice’s laptop', 'Alice’s phone'])
    expect(phone.nodes()[1]).toMatchObject({ authorisedBy: laptop.writerKey, isSelf: true })
  })

  it('declines a device she does not know; it may ask again', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    const stranger = another('Somebody’s phone')
    const asked = next(laptop, 'authorisation-requested')
    await stranger.signIn({ domain: DOMAIN, passphrase })
    const answer = stranger.requestAuthorisation()
    await laptop.decline((await asked).id)
    expect(await answer).toEqual({ outcome: 'declined' })
    expect(stranger.state).toBe('readOnly')

    const again = next(laptop, 'authorisation-requested')
    const second = stranger.requestAuthorisation()
    await laptop.authorise((await again).id)
    expect(await second).toEqual({ outcome: 'authorised' })
  })

  it('takes a question back: it leaves the other screen', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    const phone = another('Alice’s phone')
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id } = await asked
    const answer = phone.requestAuthorisation()
    phone.cancelRequest()
    expect(await answer).toEqual({ outcome: 'cancelled' })
    await until(laptop, () => laptop.requests().length === 0)
    expect(await code(laptop.authorise(id))).toBe('REQUEST_UNKNOWN')
    expect(phone.state).toBe('readOnly')
  })

  it('may sign in without asking', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    await laptop.put('a', 1)
    const reader = another('Alice’s television')
    await reader.signIn({ domain: DOMAIN, passphrase, request: false })
    expect(reader.state).toBe('readOnly')
    expect(await arrived(reader, 'a')).toBe(1)
    expect(laptop.requests()).toEqual([])
  })

  it('is answered on any device that may write, after the origin has gone', async () => {
    const { laptop, passphrase, address } = await alicesLaptop()
    const road = tcp({ connect: [address], listen: '127.0.0.1:0' })
    const phone = open({ name: 'Alice’s phone', transports: [road] })
    laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    await laptop.close()

    const tablet = open({
      name: 'Alice’s tablet',
      transports: [tcp({ connect: [road.listening as string] })],
    })
    phone.on('authorisation-requested', ({ id }) => void phone.authorise(id))
    await tablet.signIn({ domain: DOMAIN, passphrase })
    await reached(tablet, 'writer')
    await tablet.put('from', 'the tablet')
    expect(await arrived(phone, 'from')).toBe('the tablet')
  })
})

describe('wrong turns', () => {
  it('names what is wrong with a passphrase, and opens nothing', async () => {
    const { passphrase, another } = await alicesLaptop()
    const phone = another('Alice’s phone')
    const words = passphrase.split(' ')
    expect(await code(phone.signIn({ domain: DOMAIN, passphrase: words.slice(1).join(' ') }))).toBe(
      'PASSPHRASE_INVALID',
    )
    const misspelt = words.with(2, 'notaword').join(' ')
    const error = await phone.signIn({ domain: DOMAIN, passphrase: misspelt }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'PASSPHRASE_INVALID', position: 3 })
    expect(error.message).toContain('Word 3')
    expect(error.message).not.toContain('notaword')
    expect(await code(phone.signIn({ domain: 'other.example', passphrase }))).toBe('PASSPHRASE_INVALID')
    expect(phone.state).toBe('signedOut')
    await phone.signIn({ domain: ` ${DOMAIN.toUpperCase()} `, passphrase: `  ${passphrase.toUpperCase()}\t` })
    expect(phone.state).toBe('awaitingAuthorisation')
  })

  it('refuses what can’t be done now, with a code', async () => {
    const node = open({})
    expect(await code(node.put('a', 1))).toBe('NOT_OPEN')
    expect(await code(node.get('a'))).toBe('NOT_OPEN')
    expect(await code(node.requestAuthorisation())).toBe('NOT_OPEN')
    expect(await code(node.open({ hyphalink: 'abc' }))).toBe('HYPHALINK_INVALID')
    expect(await code(node.signUp({ domain: 'a b' }))).toBe('DOMAIN_INVALID')
    // @ts-expect-error JavaScript apps forget arguments
    expect(await code(node.signUp())).toBe('DOMAIN_INVALID')
    await node.signUp({ domain: DOMAIN })
    expect(await code(node.signUp({ domain: DOMAIN }))).toBe('ALREADY_OPEN')
    expect(await code(node.authorise('00'))).toBe('REQUEST_UNKNOWN')
    expect(await code(node.put('.hypha/x', 1))).toBe('KEY_INVALID')
    expect(await code(node.put('a//b', 1))).toBe('KEY_INVALID')
    expect(await code(node.put('a', undefined))).toBe('VALUE_INVALID')
    expect(await code(node.put('a', 10n))).toBe('VALUE_INVALID')
    expect(await code(node.put('a', 'x'.repeat(1024 * 1024)))).toBe('VALUE_TOO_LARGE')
    expect(() => node.send('xyz', 1)).toThrow(HyphaError)
    await node.close()
    expect(node.state).toBe('closed')
    expect(await code(node.put('a', 1))).toBe('CLOSED')
    expect(await code(node.signUp({ domain: DOMAIN }))).toBe('CLOSED')
    await node.close()
  })

  it('fails to open where it can’t listen, releases all, and may be tried again', async () => {
    const { address } = await alicesLaptop()
    const node = open({ transports: [tcp({ listen: address })] })
    expect(await code(node.signUp({ domain: DOMAIN }))).toBe('LISTEN_FAILED')
    expect(node.state).toBe('failed')
    expect(node.getSnapshot().problem).toMatchObject({ code: 'LISTEN_FAILED' })
  })

  it('reads by hyphalink what is public, and has no channel', async () => {
    const { laptop, hyphalink, another } = await alicesLaptop()
    await laptop.put('secret', 'private')
    await laptop.put('page', 'public', { public: true })
    const reader = another('a reader')
    await reader.open({ hyphalink })
    expect(reader.state).toBe('readOnly')
    expect(await arrived(reader, 'page')).toBe('public')
    const seen = []
    for await (const { key } of reader.entries()) seen.push(key)
    expect(seen).toEqual(['page'])
    expect(reader.nodes()).toMatchObject([{ name: 'a node without a name' }])
    expect(await code(reader.requestAuthorisation())).toBe('NO_CHANNEL')
    expect(() => reader.broadcast('hello')).toThrow(HyphaError)
    await laptop.put('page', 'hidden again')
    await new Promise<void>((resolve) => {
      reader.watch('page', ({ deleted }) => deleted && resolve())
    })
    expect(await reader.get('page')).toBeUndefined()
    expect(await laptop.get('page')).toBe('hidden again')
  })

  it('has words typed where they are required', async () => {
    const { laptop, passphrase, another } = await alicesLaptop({ requireWords: true })
    const phone = another('Alice’s phone')
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id, words } = await asked
    expect(words).toEqual([])
    expect(await code(laptop.authorise(id))).toBe('WORDS_WRONG')
    expect(await code(laptop.authorise(id, { words: 'one two three four five' }))).toBe('WORDS_WRONG')
    await laptop.authorise(id, { words: phone.request()?.words.join(' ').toUpperCase() ?? '' })
    await reached(phone, 'writer')
  })
})

describe('entries', () => {
  it('lists in key order by prefix, watches, deletes, and keeps large values', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    const changes: unknown[] = []
    const stop = laptop.watch('n/', (change) => changes.push(change))
    await laptop.batch([
      { type: 'put', key: 'n/b', value: 2 },
      { type: 'put', key: 'n/a', value: 1 },
      { type: 'put', key: 'm', value: 0 },
    ])
    const large = 'x'.repeat(300_000)
    await laptop.put('n/large', large)
    await laptop.del('n/b')
    expect(await laptop.get('n/large')).toBe(large)
    const keys = []
    for await (const { key } of laptop.entries('n/')) keys.push(key)
    expect(keys).toEqual(['n/a', 'n/large'])
    await until(laptop, () => changes.length === 4)
    expect(changes).toEqual([
      { key: 'n/b', value: 2, deleted: false },
      { key: 'n/a', value: 1, deleted: false },
      { key: 'n/large', value: large, deleted: false },
      { key: 'n/b', value: undefined, deleted: true },
    ])
    stop()
    await laptop.put('that is all', true)
    const phone = another('Alice’s phone')
    await phone.signIn({ domain: DOMAIN, passphrase })
    expect(await arrived(phone, 'n/large')).toBe(large)
    await arrived(phone, 'that is all')
    expect(await phone.get('n/b')).toBeUndefined()
  })

  it('shows a conflict the same on every node', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    const phone = another('Alice’s phone')
    laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await reached(phone, 'writer')
    await Promise.all([laptop.put('both', 'laptop'), phone.put('both', 'phone')])
    await Promise.all([laptop.put('end of laptop', 1), phone.put('end of phone', 1)])
    await Promise.all([arrived(laptop, 'end of phone'), arrived(phone, 'end of laptop')])
    expect(await laptop.getAll('both')).toEqual(await phone.getAll('both'))
    expect(await laptop.get('both')).toEqual(await phone.get('both'))
  })
})

describe('messages', () => {
  it('reach the person’s nodes, before they may write too, once', async () => {
    const { laptop, passphrase, another } = await alicesLaptop()
    const phone = another('Alice’s phone')
    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(phone, () => phone.getSnapshot().peers.length === 1)
    await until(laptop, () => laptop.getSnapshot().peers.length === 1)
    const onLaptop = next(laptop, 'message')
    expect(phone.broadcast({ hello: ['laptop'] })).toEqual({ peers: 1 })
    expect(await onLaptop).toEqual({ from: phone.writerKey, message: { hello: ['laptop'] }, direct: false })
    const onPhone = next(phone, 'message')
    laptop.send('00'.repeat(32), 'not for the phone')
    laptop.send(phone.writerKey as string, 'for the phone')
    expect(await onPhone).toEqual({ from: laptop.writerKey, message: 'for the phone', direct: true })
  })
})

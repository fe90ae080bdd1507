/** What a program does wrong is told at the line that does it. */
import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  browserStorage,
  createMemoryNetwork,
  createNode,
  fileStorage,
  HyphaError,
  hyperswarm,
  memoryStorage,
  memoryTransport,
  tcp,
  webRTC,
  webSocket,
} from '../../src/index.js'
import { createHyphaStore } from '../../src/ui-bridge/store/index.js'
import { useDevices } from './devices.js'

const { open } = useDevices()

/** As JavaScript lets one write it. */
const careless = (value: unknown): never => value as never

/** What is thrown at this very line: nothing that comes later counts. */
const thrown = (call: () => unknown): HyphaError => {
  try {
    call()
  } catch (error) {
    if (error instanceof HyphaError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
const rejected = async (call: Promise<unknown>): Promise<HyphaError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HyphaError) return error
  throw new Error('It was not rejected by an error of ours.', { cause: error })
}

describe('createNode()', () => {
  it.each([
    [{ transport: [] }, 'transports'],
    [{ storge: memoryStorage() }, 'storage'],
    [{ Name: 'Laptop' }, 'name'],
    [{ requireWord: true }, 'requireWords'],
  ])('says which option was meant by %o', (options, meant) => {
    const error = thrown(() => createNode(careless(options)))
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    expect(error.message).toContain(`Did you mean “${meant}”?`)
  })

  it('names the options that there are where none is near', () => {
    expect(thrown(() => createNode(careless({ passphrase: 'x' }))).message).toContain(
      'There are: name, storage',
    )
  })

  it.each([
    ['name', 5],
    ['name', null],
    ['storage', 'folder'],
    ['storage', { file: () => {} }],
    ['transports', webSocket('http://127.0.0.1:1')],
    ['transports', ['http://127.0.0.1:1']],
    ['transports', [webSocket]],
    ['transports', [undefined]],
    ['clock', { setTimeout, clearTimeout }],
    ['clock', Date],
    ['inspect', true],
    ['inspect', {}],
    ['requireWords', 'yes'],
    ['argon2Worker', 1],
  ])('refuses %s: %o', (name, value) => {
    const error = thrown(() => createNode(careless({ [name]: value })))
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    expect(error.message).toContain(name)
  })

  it('takes what is undefined as not given', async () => {
    const node = createNode(
      careless({ name: undefined, storage: undefined, transports: undefined, clock: undefined }),
    )
    expect(await node.opened()).toBe('signedOut')
    await node.close()
  })

  it('gives a storage and a transport to one node at a time', async () => {
    const storage = memoryStorage()
    const transport = memoryTransport(createMemoryNetwork())
    const first = open({ storage, transports: [transport] })
    expect(thrown(() => createNode({ storage })).message).toMatch(/storage is in use/)
    expect(thrown(() => createNode({ transports: [transport] })).message).toMatch(/transport is in use/)
    const other = memoryTransport(createMemoryNetwork())
    expect(thrown(() => createNode({ transports: [other, other] })).message).toMatch(/twice/)
    // What was refused has taken nothing.
    const second = open({ storage: memoryStorage(), transports: [other] })
    expect(await second.opened()).toBe('signedOut')
    await first.close()
    const third = open({ storage, transports: [transport] })
    expect(await third.opened()).toBe('signedOut')
  })
})

describe('a transport says at once that its address is none', () => {
  it.each<[string, () => unknown, string, RegExp]>([
    ['no scheme', () => webSocket('127.0.0.1:4280'), 'ADDRESS_INVALID', /http:\/\//],
    ['no scheme, a name', () => webSocket('localhost:4280'), 'ADDRESS_INVALID', /http:\/\//],
    ['no scheme, IPv6', () => webSocket('[::1]:4280'), 'ADDRESS_INVALID', /http:\/\//],
    ['another scheme', () => webSocket('ftp://example.org'), 'ADDRESS_INVALID', /https:/],
    ['nothing', () => webSocket(careless(undefined)), 'ADDRESS_INVALID', /http/],
    ['null', () => webSocket(careless(null)), 'ADDRESS_INVALID', /^Give the URL/],
    ['a number', () => webSocket(careless(4280)), 'ADDRESS_INVALID', /^Give the URL/],
    ['an array', () => webSocket(careless(['http://a.example'])), 'ADDRESS_INVALID', /^Give the URL/],
    [
      'an option that is none',
      () => webSocket('http://a.example', careless({ code: '1' })),
      'OPTION_INVALID',
      /claimCode/,
    ],
    [
      'a claim code that is a number',
      () => webSocket('http://a.example', careless({ claimCode: 1 })),
      'OPTION_INVALID',
      /claimCode/,
    ],
    ['a string', () => tcp(careless('x')), 'OPTION_INVALID', /connect/],
    ['nothing', () => tcp(), 'OPTION_INVALID', /connect/],
    ['no port', () => tcp({ connect: ['localhost'] }), 'ADDRESS_INVALID', /host:port/],
    ['no array', () => tcp(careless({ connect: 'localhost:1' })), 'OPTION_INVALID', /array/],
    ['a port alone', () => tcp({ listen: '4280' }), 'ADDRESS_INVALID', /host:port/],
    ['a number', () => tcp(careless({ listen: 4280 })), 'OPTION_INVALID', /listen/],
    ['an option that is none', () => tcp(careless({ conect: [] })), 'OPTION_INVALID', /connect/],
    ['nothing', () => webRTC(careless(undefined)), 'OPTION_INVALID', /signalling/],
    ['no signalling', () => webRTC(careless({})), 'OPTION_INVALID', /signalling/],
    ['a URL instead of options', () => webRTC(careless('http://a.example')), 'OPTION_INVALID', /signalling/],
    [
      'signalling without a scheme',
      () => webRTC({ signalling: '127.0.0.1:4280' }),
      'ADDRESS_INVALID',
      /http:\/\//,
    ],
    [
      'an option that is none',
      () => webRTC(careless({ signaling: 'http://a.example' })),
      'OPTION_INVALID',
      /signalling/,
    ],
    [
      'a TURN server without a name',
      () => webRTC({ signalling: 'http://a.example', iceServers: [{ urls: ['stun:a', 'turn:a'] }] }),
      'OPTION_INVALID',
      /username and credential for turn/,
    ],
    [
      'no WebRTC',
      () => webRTC({ signalling: 'http://a.example', wrtc: careless({}) }),
      'OPTION_INVALID',
      /wrtc/,
    ],
    ['a hole', () => tcp({ connect: Array(2) }), 'ADDRESS_INVALID', /host:port/],
    ['null', () => hyperswarm(careless(null)), 'OPTION_INVALID', /object/],
    ['a string', () => hyperswarm(careless('a.example:1')), 'OPTION_INVALID', /object/],
    ['an option that is none', () => hyperswarm(careless({ bootsrap: [] })), 'OPTION_INVALID', /“bootstrap”/],
    ['no network', () => memoryTransport(careless(undefined)), 'OPTION_INVALID', /createMemoryNetwork/],
    [
      'a bootstrap node without a port',
      () => hyperswarm({ bootstrap: ['localhost'] }),
      'ADDRESS_INVALID',
      /host:port/,
    ],
    ['no array', () => hyperswarm(careless({ bootstrap: 'a.example:1' })), 'OPTION_INVALID', /array/],
    ['no directory', () => fileStorage(careless(undefined)), 'OPTION_INVALID', /directory/],
    ['a storage of pages in Node', () => browserStorage('x'), 'STORAGE_UNAVAILABLE', /fileStorage/],
  ])('%s: %s', (_, call, code, sentence) => {
    const error = thrown(call)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(sentence)
  })
})

describe('createAlwaysOnNode()', () => {
  it.each([
    [{ port: 0, tcport: 0 }, /“tcpPort”/],
    [{ port: 0, claims: 2 }, /“claim”/],
    [{ port: 0, host: 5 }, /host/],
    [{ port: 0, storage: './data' }, /storage/],
    [{ port: 0, hyphas: 'x' }, /hyphas/],
    [{ port: '4280' }, /port/],
    [{ port: 0, onError: 'x' }, /onError/],
    [{ port: 0, host: '' }, /0\.0\.0\.0/],
    [{ port: 0, host: '127.0.0.1:80' }, /without scheme and port/],
    [{ port: 0, host: 'http://a.example' }, /without scheme and port/],
    [{ port: 0, hosts: ['*.a.example'] }, /hosts/],
    [{ port: 0, tls: true }, /tls/],
    [{ port: 0, tls: { key: 'x', cret: 'y' } }, /“cert”/],
    [{ port: 0, inspect: { pages: 'x' } }, /“page”/],
    [{ port: 0, inspect: { page: 5 } }, /page/],
    [{ port: 0, swarm: { bootsrap: [] } }, /“bootstrap”/],
    [{ port: 0, swarm: [] }, /swarm/],
    [{ port: 0, maxHyphaBytes: -1 }, /maxHyphaBytes/],
    [{ port: 0, maxConnections: 0 }, /maxConnections/],
    [{ port: 0, maxConnections: 1.5 }, /maxConnections/],
    [{ port: 0, maxConnectionsPerHypha: Number.NaN }, /maxConnectionsPerHypha/],
  ])('refuses %o', async (options, sentence) => {
    const error = await rejected(createAlwaysOnNode(careless(options)))
    expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringMatching(sentence) })
  })
})

it('a URL of another realm is a URL, as jsdom and frames make them', () => {
  class OtherURL {
    readonly href: string
    constructor(text: string) {
      this.href = new URL(text).href
    }
    toString() {
      return this.href
    }
  }
  const url = careless(new OtherURL('http://a.example'))
  expect(webSocket(url).name).toBe('webSocket')
  expect(webRTC({ signalling: url }).name).toBe('webRTC')
  expect(thrown(() => webRTC(url)).message).toMatch(/signalling/)
})

it('an always-on node takes the address to listen on and its names as people write them', async () => {
  const server = await createAlwaysOnNode({ port: 0, host: '[::1]', hosts: ['bücher.example', 'A.Example.'] })
  expect(server.url).toMatch(/^http:\/\/\[::1\]:/)
  const port = Number(new URL(server.url).port)
  const statusAs = (name: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get({ host: '::1', port, path: '/health', headers: { host: name } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
  expect(await statusAs('xn--bcher-kva.example')).toBe(200)
  expect(await statusAs('a.example')).toBe(200)
  expect(await statusAs('b.example')).toBe(421)
  await server.close()
})

it('a store and React’s provider say that they were given no node', () => {
  for (const given of [undefined, {}, 'node', createNode])
    expect(thrown(() => createHyphaStore(careless(given)))).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('HyphaProvider'),
    })
})

describe('a node', () => {
  it('says at once that there is no such event, and which one was meant', () => {
    const node = open()
    expect(thrown(() => node.on(careless('authorization-requested'), () => {})).message).toContain(
      'Did you mean “authorisation-requested”?',
    )
    expect(thrown(() => node.on(careless('change'), () => {})).message).toContain('There are: ')
    expect(thrown(() => node.on(careless(undefined), () => {})).code).toBe('OPTION_INVALID')
    expect(thrown(() => node.on('message', careless(undefined))).code).toBe('OPTION_INVALID')
    expect(thrown(() => node.watch('x', careless(undefined))).code).toBe('OPTION_INVALID')
    expect(thrown(() => node.subscribe(careless('x'))).code).toBe('OPTION_INVALID')
  })

  it('refuses options of calls that are none or of another kind', async () => {
    const node = open()
    const calls: [Promise<unknown>, RegExp, string?][] = [
      [node.signUp(careless({ domian: 'a.example' })), /“domain”/],
      [node.signUp(careless({})), /domain/, 'DOMAIN_INVALID'],
      [node.signUp(careless({ domain: undefined })), /domain/, 'DOMAIN_INVALID'],
      [node.signUp(careless('a.example')), /object/],
      [node.signIn(careless({ domain: 'a.example', passPhrase: 'x' })), /“passphrase”/],
      [node.signIn(careless({ domain: 'a.example', passphrase: 'x', request: 'no' })), /request/],
      [node.signIn(careless(undefined)), /domain/, 'DOMAIN_INVALID'],
      [node.open(careless({ link: 'x' })), /hyphalink/],
    ]
    for (const [call, sentence, code = 'OPTION_INVALID'] of calls) {
      const error = await rejected(call)
      expect(error.code).toBe(code)
      expect(error.message).toMatch(sentence)
    }
    expect(node.state).toBe('signedOut')
  })

  it('refuses what is no key, no value and no choice, whichever call has it', async () => {
    const node = open()
    await node.signUp({ domain: 'a.example' })
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const value of [
      undefined,
      () => {},
      1n,
      cyclic,
      Number.NaN,
      Symbol('x'),
      new Map(),
      [undefined],
      { at: new Date(Number.NaN) },
    ])
      expect((await rejected(node.put('k', value))).code).toBe('VALUE_INVALID')
    const calls: [Promise<unknown>, string][] = [
      [node.put('k', 1, careless({ public: 'yes' })), 'OPTION_INVALID'],
      [node.put('k', 1, careless({ pubic: true })), 'OPTION_INVALID'],
      [node.put('k', 1, careless(true)), 'OPTION_INVALID'],
      [node.put(careless(undefined), 1), 'KEY_INVALID'],
      [node.del(careless(undefined)), 'KEY_INVALID'],
      [node.batch(careless({ type: 'put', key: 'k', value: 1 })), 'OPTION_INVALID'],
      [node.batch([careless({ type: 'set', key: 'k', value: 1 })]), 'OPTION_INVALID'],
      [node.batch([careless({ type: 'put', key: 'k', val: 1 })]), 'OPTION_INVALID'],
      [node.batch([careless({ type: 'put', key: 'k', value: 1, public: 1 })]), 'OPTION_INVALID'],
      [node.authorise(careless({ id: 'x' })), 'OPTION_INVALID'],
      [node.authorise('x', careless({ word: 'x' })), 'OPTION_INVALID'],
      [node.authorise('x', careless({ words: 5 })), 'OPTION_INVALID'],
      [node.decline(careless(undefined)), 'OPTION_INVALID'],
    ]
    for (const [call, code] of calls) expect((await rejected(call)).code).toBe(code)
    expect(thrown(() => node.send(careless(undefined), 'to one')).code).toBe('WRITER_KEY_INVALID')
    expect(thrown(() => node.send(careless({}), 'to one')).code).toBe('WRITER_KEY_INVALID')
    expect(thrown(() => node.broadcast(undefined)).code).toBe('MESSAGE_INVALID')
    expect(await node.get('k')).toBeUndefined()
  })
})

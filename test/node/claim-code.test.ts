import { afterEach, expect, test } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { type HyphaError, webSocket } from '../../src/index.js'
import { startProxy, type Proxy as TlsProxy } from '../browser/app-proxy.js'
import { useDevices } from './devices.js'
import { next, until } from './until.js'

const { open } = useDevices()
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** An always-on node that is reached from another machine, as far as it knows. */
const elsewhere = async (): Promise<{ server: AlwaysOnNode; proxy: TlsProxy }> => {
  const server = await createAlwaysOnNode({ port: 0, claim: 2, claimCode: 'three green boats' })
  const proxy = await startProxy(server.url)
  ends.push(() => proxy.close(), server.close)
  return { server, proxy }
}

test('a wrong code is told once, by the reason wrong, and is not sent again; the right one works at once', async () => {
  const { server, proxy } = await elsewhere()
  const codes = Array.from({ length: 8 }, (_, i) => `tree green boats ${i}`)
  const mistyped = open({ transports: codes.map((claimCode) => webSocket(proxy.url, { claimCode })) })
  const errors: HyphaError[] = []
  mistyped.on('error', (error) => errors.push(error))
  await mistyped.signUp({ domain: 'alice.example' })
  // Each dials on, without its code, and says nothing more.
  const are = (wanted: string) =>
    mistyped.transports().filter(({ addresses }) => addresses.some(({ state }) => state === wanted)).length
  for (let round = 0; round < 3; round++)
    for (const state of ['waiting', 'dialling']) await until(mistyped, () => are(state))
  await until(mistyped, () => errors.length === codes.length)
  for (const error of errors) expect(error).toMatchObject({ code: 'CLAIM_REFUSED', reason: 'code-wrong' })
  expect(errors[0]?.address).toBe(proxy.url.replace('http', 'ws'))
  await mistyped.close()
  expect(errors).toHaveLength(codes.length)

  const right = open({ transports: [webSocket(proxy.url, { claimCode: 'Three-Green-Boats' })] })
  const refusals: string[] = []
  right.on('error', ({ code }) => refusals.push(code))
  await right.signUp({ domain: 'alice.example' })
  await until(right, () => right.getSnapshot().heldBy === 1)
  expect(refusals).toEqual([])
  expect(server.status().places.taken).toBe(1)
})

test('without a code it says that one is needed, and tells the hyphalink to nobody', async () => {
  const { server, proxy } = await elsewhere()
  const laptop = open({ transports: [webSocket(proxy.url)] })
  const told = next(laptop, 'error')
  const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
  expect(await told).toMatchObject({ code: 'CLAIM_REFUSED', reason: 'code-missing' })
  expect(server.status().hyphas).toBe(0)

  // Another device gives the code: this one gets in by itself.
  const phone = open({ transports: [webSocket(proxy.url, { claimCode: 'three green boats' })] })
  await phone.signIn({ domain: 'alice.example', passphrase })
  await until(laptop, () => laptop.getSnapshot().heldBy === 1)
  await until(phone, () => phone.getSnapshot().sync.complete)
})

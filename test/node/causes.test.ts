import { expect, it } from 'vitest'
import {
  createMemoryNetwork,
  createNode,
  HyphaError,
  memoryStorage,
  memoryTransport,
  type Storage,
  type Transport,
} from '../../src/index.js'
import { faultyStorage } from '../../src/testing/faulty-storage.js'
import { next } from './until.js'

const DOMAIN = 'ada.example'

/** What a call was rejected with. */
const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

/** An error, its cause, the cause of that ... */
const chainOf = (error: unknown): unknown[] =>
  error instanceof Error ? [error, ...chainOf(error.cause)] : []

it('what an opening failed with is the cause of what the call is rejected with, whatever it was', async () => {
  const reason = Object.assign(new Error('Invalid URL'), { code: 'ERR_INVALID_URL' })
  const storage: Storage = { ...memoryStorage(), isEmpty: false, open: () => Promise.reject(reason) }
  const node = createNode({ storage })
  const error = await failureOf(node.signUp({ domain: DOMAIN }))
  // Codes of others are no codes of ours.
  expect(error).toMatchObject({ name: 'HyphaError', code: 'OPENING_FAILED' })
  expect(chainOf(error)).toContain(reason)
  // Another call at the failed node is told the same.
  expect(chainOf(await failureOf(node.put('a', 1)))).toContain(reason)
  await node.close()
})

it('so is what a transport failed with, at the opening and when it is turned on later', async () => {
  const reason = new Error('no such adapter')
  let isMissing = true
  const transport = (): Transport => ({
    name: 'own',
    start: () => (isMissing ? Promise.reject(reason) : Promise.resolve()),
    stop: async () => {},
  })
  const stranded = createNode({ transports: [transport()] })
  expect(chainOf(await failureOf(stranded.signUp({ domain: DOMAIN })))).toContain(reason)
  await stranded.close()

  isMissing = false
  const node = createNode({ transports: [transport()] })
  await node.signUp({ domain: DOMAIN })
  const { id } = node.transports()[0] ?? { id: '' }
  await node.setTransport(id, false)
  isMissing = true
  const error = await failureOf(node.setTransport(id, true))
  expect(error).toBeInstanceOf(HyphaError)
  expect(chainOf(error)).toContain(reason)
  await node.close()
})

it('so is what an answer to a request failed with; no machine or event holds it', async () => {
  const network = createMemoryNetwork()
  const storage = faultyStorage(memoryStorage())
  const laptop = createNode({ name: 'Laptop', storage, transports: [memoryTransport(network)] })
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const phone = createNode({ name: 'Phone', transports: [memoryTransport(network)] })
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  const { id } = await asked
  storage.arm(0, 'fails')
  const error = await failureOf(laptop.authorise(id))
  expect(error).toBeInstanceOf(HyphaError)
  const [, ...causes] = chainOf(error)
  expect(causes.map((cause) => String(cause)).join()).toContain('ENOSPC')
  expect(JSON.stringify(laptop.actor.getPersistedSnapshot())).not.toContain('ENOSPC')
  await phone.close()
  await laptop.close()
})

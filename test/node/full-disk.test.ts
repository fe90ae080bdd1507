import { expect, it } from 'vitest'
import { memoryStorage, type Storage } from '../../src/index.js'
import { code, useDevices } from './devices.js'
import { next, reached, until } from './until.js'

const DOMAIN = 'ada.example'
const { open, device } = useDevices()

it('a sign-up whose passphrase was never shown is nothing next time, if the disk is full at the very last write', async () => {
  const storage = memoryStorage()
  let isFull = true
  const small: Storage = {
    ...storage,
    isEmpty: false,
    file: (name) => {
      const file = storage.file(name)
      const write: typeof file.write = (offset, bytes, done) =>
        isFull && name === 'node/0'
          ? queueMicrotask(() => done?.(new Error('ENOSPC')))
          : file.write(offset, bytes, done)
      return { ...file, write }
    },
  }
  const node = open({ storage: small })
  expect(await code(node.signUp({ domain: DOMAIN }))).toBe('STORAGE_FAILED')
  expect(node.state).toBe('failed')
  await node.close()
  isFull = false
  const again = open({ storage: small })
  await until(again, () => again.state !== 'opening')
  expect(again.state).toBe('signedOut')
  await again.signUp({ domain: DOMAIN })
  await again.close()
  await reached(open({ storage: small }), 'origin')
})

it('a question is stored later, if the disk was full when it was asked', async () => {
  const laptop = device()
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const whole = memoryStorage()
  let writes = 0
  let isFull = true
  const storage: Storage = {
    ...whole,
    isEmpty: false,
    file: (name) => {
      const file = whole.file(name)
      const write: typeof file.write = (offset, bytes, done) =>
        // The record itself is there twice by then.
        isFull && name.startsWith('node/') && ++writes > 2
          ? queueMicrotask(() => done?.(new Error('ENOSPC')))
          : file.write(offset, bytes, done)
      return { ...file, write }
    },
  }
  const before = device({ storage })
  const failed = next(before, 'error')
  await before.signIn({ domain: DOMAIN, passphrase, request: false })
  const answered = before.requestAuthorisation()
  expect((await failed).code).toBe('STORAGE_FAILED')
  const asked = await until(before, () => before.request()?.id)
  isFull = false
  // Whatever happens next: somebody comes.
  const tablet = device()
  await tablet.signIn({ domain: DOMAIN, passphrase, request: false })
  await until(before, () => before.getSnapshot().peers.length === 2)
  await before.close()
  await answered
  const after = device({ storage })
  await reached(after, 'awaitingAuthorisation')
  expect(after.request()?.id).toBe(asked)
})

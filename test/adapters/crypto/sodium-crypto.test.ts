import { expect, it } from 'vitest'
import { createCrypto } from '../../../src/adapters/crypto/sodium-crypto.js'
import { cryptoContract } from './contract.js'

cryptoContract('libsodium', createCrypto)

it('leaves no worker behind after a derivation', async () => {
  const crypto = await createCrypto()
  const workers = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
  const before = workers()
  await Promise.all([1, 2].map(() => crypto.derivePassphraseKey(new Uint8Array(8), new Uint8Array(16))))
  expect(workers()).toBe(before)
})

it('moves only the passphrase to the worker, not the buffer that it lies in', async () => {
  const crypto = await createCrypto()
  const pool = new Uint8Array(64).fill(1)
  await crypto.derivePassphraseKey(pool.subarray(8, 16), new Uint8Array(16))
  expect(pool).toEqual(new Uint8Array(64).fill(1).fill(0, 8, 16))
})

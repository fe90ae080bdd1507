import libsodium from 'libsodium-wrappers'
import { equalBytes } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import type { RandomAccess, Storage } from '../storage/storage.js'

/**
 * Whether 32 bytes are an Ed25519 point of the main subgroup. Only such a key may be authorised: hypercore takes anything,
 * and an authorisation stays for good. Await fastSodium first.
 */
export const isPublicKey = (bytes: Uint8Array): boolean => {
  if (bytes.length !== 32) return false
  try {
    libsodium.crypto_sign_ed25519_pk_to_curve25519(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * The public key of the writer that lives in this storage; a random one is made and stored if there is none. hypercore
 * itself writes key and secret at once, so that one killed in between could never write again: here the secret is there
 * before anything can know the key.
 */
export const ensureLocalWriter = async (storage: Storage): Promise<Uint8Array> => {
  const keyFile = storage.file('local/key')
  const secretFile = storage.file('local/secret_key')
  try {
    const key = await read(keyFile, 32)
    const secret = await read(secretFile, 64)
    const stored = secret && publicKeyOf(secret)
    if (stored) {
      if (!key || !equalBytes(key, stored)) await write(keyFile, stored)
      return stored
    }
    if (key) {
      throw new HyphaError(
        'STORAGE_FAILED',
        "The secret key of this node's writer is missing or damaged. Sign in again with an empty storage.",
      )
    }
    const pair = libsodium.crypto_sign_keypair()
    await write(secretFile, pair.privateKey)
    libsodium.memzero(pair.privateKey)
    await write(keyFile, pair.publicKey)
    return pair.publicKey
  } finally {
    await Promise.all([close(keyFile), close(secretFile)])
  }
}

/** The public key that belongs to a secret one, if it is whole. */
export const publicKeyOf = (secret: Uint8Array): Uint8Array | undefined => {
  if (secret.length !== 64) return undefined
  const pair = libsodium.crypto_sign_seed_keypair(secret.subarray(0, 32))
  libsodium.memzero(pair.privateKey)
  return equalBytes(pair.publicKey, secret.subarray(32)) ? pair.publicKey : undefined
}

/** The key of the hypha that a storage holds, if it holds one. */
export const storedHyphalink = async (storage: Storage): Promise<Uint8Array | undefined> => {
  const file = storage.file('source/key')
  try {
    return await read(file, 32)
  } finally {
    await close(file)
  }
}

/** Undefined when so much isn't there: a store answers that with an error, and so does hypercore read it. */
const read = (file: RandomAccess, length: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => file.read(0, length, (error, bytes) => resolve(error ? undefined : bytes)))

const write = (file: RandomAccess, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    // A copy: some stores are done with it later, and the caller wipes it.
    file.write(0, Buffer.from(bytes), (error) => (error ? reject(storageFailed(error)) : resolve()))
  })

const close = (file: RandomAccess): Promise<void> => new Promise((resolve) => file.close(() => resolve()))

export const storageFailed = (cause: unknown): HyphaError =>
  cause instanceof HyphaError
    ? cause
    : new HyphaError(
        'STORAGE_FAILED',
        'The storage could not be read or written. Check that the disk is there and not full, then open again.',
        { cause },
      )

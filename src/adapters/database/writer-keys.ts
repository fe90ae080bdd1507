import { concat, equalBytes } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { libsodium } from '../libsodium.js'
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

const FIRST_FOLDER = 'local'
const KEY = 'key'
const SECRET = 'secret_key'
const SECRET_BYTES = 64
/** What wrapping adds is for it to know; this is more than anything needs. */
const MAX_WRAPPED_BYTES = 1024

export interface LocalWriter {
  readonly publicKey: Uint8Array
  /** 64 bytes. */
  readonly secretKey: Uint8Array
  /** Its secret was damaged, nothing had been written with it, and this is another. */
  readonly isReplaced?: boolean
}

/**
 * The key pair of the writer that lives in this storage; a random one is made and stored if there is none, its secret wrapped
 * where the storage can. hypercore itself writes key and secret at once, so that one killed in between could never write
 * again: here the secret is there before anything can know the key.
 *
 * `forget` is asked where a secret is damaged: whether nothing was ever written with it, so that another may take its place. `folder` is
 * where they lie.
 *
 * @throws HyphaError STORAGE_FAILED, STORAGE_DAMAGED
 */
export const openLocalWriter = async (
  storage: Storage,
  forget: () => Promise<boolean> = async () => false,
  folder = FIRST_FOLDER,
): Promise<LocalWriter> => {
  const keyFile = storage.file(`${folder}/${KEY}`)
  const secretFile = storage.file(`${folder}/${SECRET}`)
  try {
    const key = await read(keyFile, 32)
    const secretKey = await readSecret(storage, secretFile).catch(async (error) => {
      if (key && (await forget())) return undefined
      throw error
    })
    const stored = secretKey && publicKeyOf(secretKey)
    if (stored) {
      if (!key || !equalBytes(key, stored)) await write(keyFile, stored)
      return { publicKey: stored, secretKey }
    }
    if (key && !(await forget())) {
      throw new HyphaError(
        'STORAGE_DAMAGED',
        "The secret key of this node's writer is missing or damaged. Sign in again with an empty storage.",
      )
    }
    const pair = libsodium.crypto_sign_keypair()
    await writeSecret(storage, secretFile, pair.privateKey)
    await write(keyFile, pair.publicKey)
    return { publicKey: pair.publicKey, secretKey: pair.privateKey, isReplaced: key !== undefined }
  } catch (error) {
    throw storageFailed(error)
  } finally {
    await Promise.all([close(keyFile), close(secretFile)])
  }
}

/** The public key of the writer that lives in this storage. @throws HyphaError STORAGE_FAILED */
export const ensureLocalWriter = async (storage: Storage): Promise<Uint8Array> => {
  const { publicKey, secretKey } = await openLocalWriter(storage)
  libsodium.memzero(secretKey)
  return publicKey
}

/** The public key that lies in a folder; undefined for none. */
export const storedKey = async (storage: Storage, folder: string): Promise<Uint8Array | undefined> => {
  const file = storage.file(`${folder}/${KEY}`)
  try {
    return await read(file, 32)
  } finally {
    await close(file)
  }
}

/** The storage as hyperdb is to see it: with the writer's secret as it is, which never touches the storage like that. */
export const filesWithSecret =
  (storage: Storage, secretKey: Uint8Array, folder: string) =>
  (name: string): RandomAccess =>
    name === `${folder}/${SECRET}` && storage.wrapping ? secretInMemory(secretKey) : storage.file(name)

/** Nothing writes to it: hypercore stores a secret only if it knows another than what it reads. */
const secretInMemory = (secretKey: Uint8Array): RandomAccess => {
  const refuse = (callback?: (error: Error | null) => void) => {
    queueMicrotask(() => callback?.(new Error('The secret key of a writer does not change')))
  }
  return {
    read: (offset, size, callback) => {
      const bytes = Buffer.from(secretKey.subarray(offset, offset + size))
      queueMicrotask(() => callback(null, bytes))
    },
    write: (_offset, _bytes, callback) => refuse(callback),
    del: (_offset, _size, callback) => refuse(callback),
    close: (callback) => queueMicrotask(() => callback?.(null)),
  }
}

/** A length, then what the storage wrapped: a kill in between leaves too little, and then no key was told to anybody. */
const readSecret = async (storage: Storage, file: RandomAccess): Promise<Uint8Array | undefined> => {
  if (!storage.wrapping) return read(file, SECRET_BYTES)
  const [high = 0, low = 0] = (await read(file, 2)) ?? []
  const wrapped = await read(file, 2 + high * 256 + low)
  if (!wrapped || wrapped.length > 2 + MAX_WRAPPED_BYTES) return undefined
  const secret = await storage.wrapping.unwrap(wrapped.subarray(2))
  if (secret) return secret
  throw new HyphaError(
    'STORAGE_FAILED',
    "The secret key of this node's writer can't be unwrapped: it is damaged, or the key that wrapped it is another. Put the storage's own key back, or sign in again with an empty storage.",
  )
}

const writeSecret = async (storage: Storage, file: RandomAccess, secret: Uint8Array): Promise<void> => {
  if (!storage.wrapping) return write(file, secret)
  const wrapped = await storage.wrapping.wrap(secret)
  await write(file, concat(Uint8Array.of(wrapped.length >> 8, wrapped.length & 255), wrapped))
}

/** The public key that belongs to a secret one, if it is whole. */
export const publicKeyOf = (secret: Uint8Array): Uint8Array | undefined => {
  if (secret.length !== 64) return undefined
  const pair = libsodium.crypto_sign_seed_keypair(secret.subarray(0, 32))
  libsodium.memzero(pair.privateKey)
  return equalBytes(pair.publicKey, secret.subarray(32)) ? pair.publicKey : undefined
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

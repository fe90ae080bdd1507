import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, utf8 } from './bytes.js'

const SALT_CONTEXT = utf8('hypha-runtime/kdf/1\0')

/** Argon2id's salt, 16 bytes. @param domain normalised */
export const passphraseSalt = (domain: string, hash: Crypto['hash']): Uint8Array =>
  hash(concat(SALT_CONTEXT, utf8(domain)), { length: 16 })

/** What derives from the master key; each 32 bytes and secret. */
export interface DerivedKeys {
  /** Seed of the origin's Ed25519 key pair; its public key is the hyphalink. */
  readonly identitySeed: Uint8Array
  /** Seed of the X25519 pair that writers' secrets are sealed to. */
  readonly recoverySeed: Uint8Array
  readonly contentsKey: Uint8Array
  /** Seed of the Ed25519 pair that claims places on always-on nodes. */
  readonly claimSeed: Uint8Array
  /** Wraps keys at rest. */
  readonly storageKey: Uint8Array
  /** Of the `secure-ephemeral` channel; derived from the identity seed, as in 2019. */
  readonly channelKey: Uint8Array
}

export const channelKeyOf = (identitySeed: Uint8Array, deriveKey: Crypto['deriveKey']): Uint8Array =>
  deriveKey('ephemera', identitySeed)

export const deriveKeys = (master: Uint8Array, deriveKey: Crypto['deriveKey']): DerivedKeys => {
  const identitySeed = deriveKey('identity', master)
  return {
    identitySeed,
    recoverySeed: deriveKey('recovery', master),
    contentsKey: deriveKey('contents', master),
    claimSeed: deriveKey('claiming', master),
    storageKey: deriveKey('storage_', master),
    channelKey: channelKeyOf(identitySeed, deriveKey),
  }
}

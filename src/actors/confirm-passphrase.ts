import type { createKeyring } from '../adapters/crypto/keyring.js'
import { equalBytes, utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { passphraseSalt } from '../protocol/keys.js'
import { parsePassphrase } from '../protocol/passphrase.js'
import { loadWords } from '../protocol/words.js'
import type { NodeServices } from './services.js'

export interface Credentials {
  /** Normalised. */
  readonly domain: string
  /** As somebody typed it. */
  readonly passphrase: unknown
}

/** Gives the exact passphrase of what was typed, before anything happens. Rejects with PASSPHRASE_INVALID. */
export type CheckPassphrase = (credentials: Credentials) => Promise<string>

export const createCheckPassphrase =
  (services: NodeServices): CheckPassphrase =>
  async ({ domain, passphrase }) => {
    const [crypto, words] = await Promise.all([services.crypto(), loadWords()])
    return parsePassphrase(passphrase, { domain, words, hash: crypto.hash })
  }

export type ConfirmPassphrase = (credentials: { domain: string; passphrase: string }) => Promise<void>

/**
 * Resolves when the exact passphrase is that of the hypha that is open already; its keys are derived for that, and wiped.
 * Rejects with STORAGE_OF_ANOTHER_HYPHA.
 */
export const createConfirmPassphrase =
  (services: NodeServices, makeKeyring: typeof createKeyring): ConfirmPassphrase =>
  async ({ domain, passphrase }) => {
    const crypto = await services.crypto()
    const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(domain, crypto.hash))
    const keyring = makeKeyring(crypto, master)
    const isSame = services.session && equalBytes(keyring.hyphalink, services.session.database.hyphalink)
    keyring.wipe()
    if (isSame) return
    throw new HyphaError(
      'STORAGE_OF_ANOTHER_HYPHA',
      'This storage holds another hypha. Give each hypha a storage of its own.',
    )
  }

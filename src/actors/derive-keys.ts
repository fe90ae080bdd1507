import { fromPromise } from 'xstate'
import type { createKeyring } from '../adapters/crypto/keyring.js'
import type { Entrance } from '../machines/node.js'
import { utf8 } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { passphraseSalt } from '../protocol/keys.js'
import { generatePassphrase, parsePassphrase } from '../protocol/passphrase.js'
import { loadWords } from '../protocol/words.js'
import { type NodeServices, rememberFailure } from './services.js'

/** Signing up again, after what failed, goes on with the passphrase that the storage is already of. */
const unfinishedAt = ({ vault }: NodeServices, domain: string): string | undefined =>
  vault.unfinished?.domain === domain ? vault.unfinished.passphrase : undefined

/**
 * Turns the passphrase that waits in the vault into the keyring; at sign-up it generates the passphrase first. A passphrase
 * that can't be right is an error here, before anything is opened.
 */
export const createDeriveKeys = (services: NodeServices, makeKeyring: typeof createKeyring) =>
  fromPromise<void, Entrance>(({ input, signal }) =>
    rememberFailure(services, async () => {
      const { vault } = services
      const crypto = await services.crypto()
      if (input.by === 'hyphalink') {
        if (vault.hyphalink && crypto.isPublicKey(vault.hyphalink)) return
        throw new HyphaError(
          'HYPHALINK_INVALID',
          'These 64 digits are no hyphalink: one or more is wrong. Copy it whole.',
        )
      }
      const words = await loadWords()
      if (input.by === 'storage') throw new HyphaError('OPENING_FAILED', 'There are keys already.')
      const { domain } = input
      const passphrase =
        input.by === 'signUp'
          ? (unfinishedAt(services, domain) ??
            generatePassphrase({ domain, words, randomBytes: crypto.randomBytes, hash: crypto.hash }))
          : parsePassphrase(vault.passphrase, { domain, words, hash: crypto.hash })
      const master = await crypto.derivePassphraseKey(utf8(passphrase), passphraseSalt(domain, crypto.hash))
      // The node was closed meanwhile: what is released comes after this, but nothing needs to exist until then.
      if (signal.aborted) return crypto.wipe(master)
      vault.keyring = makeKeyring(crypto, master)
      delete vault.passphrase
      if (input.by !== 'signUp') return
      vault.passphrase = passphrase
      vault.unfinished = { domain, passphrase }
    }),
  )

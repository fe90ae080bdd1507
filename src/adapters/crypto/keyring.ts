import { concat, equalBytes, fromUtf8, toHex, utf8 } from '../../protocol/bytes.js'
import { type ClaimProof, claimBytes, claimCertificateBytes, memberBytes } from '../../protocol/claim.js'
import {
  decodeEntryBox,
  decodePrivateEntry,
  encodeEntryBox,
  entryBoxContext,
  type NamedEntry,
  parsePrivateEntryKey,
  privateEntryKey,
  UnreadValue,
  writePrivateEntry,
} from '../../protocol/entry.js'
import { checkName } from '../../protocol/entry-name.js'
import { HyphaError } from '../../protocol/errors.js'
import { discoveryKeyOf } from '../../protocol/hyphalink.js'
import { deriveKeys } from '../../protocol/keys.js'
import { cleanNodeName } from '../../protocol/node-name.js'
import { nodeNameContext } from '../../protocol/record.js'
import { decodeSecureFrame, encodeSecureFrame, NONCE_BYTES } from '../../protocol/secure-ephemeral.js'
import type { Crypto } from './crypto.js'

/** The person's secrets, and what is done with them. They don't leave it, nor show when it is printed or serialised. */
export interface Keyring {
  readonly hyphalink: Uint8Array
  readonly recoveryPublicKey: Uint8Array
  /** The origin's Ed25519 secret key (64 bytes), once, for sealing it at sign-up; whoever takes it wipes it. */
  takeOriginSecretKey(): Uint8Array | undefined
  /** Wipes the origin's secret key if nobody took it: only sign-up needs it. */
  forgetOrigin(): void

  /** A `secure-ephemeral` frame under a fresh nonce. */
  sealFrame(plaintext: Uint8Array): Uint8Array
  /** Undefined for what is no frame, or not of this channel. Never throws. */
  openFrame(frame: Uint8Array): Uint8Array | undefined

  /** The keyed hash of an entry's name: 32 bytes, hex. */
  hashName(name: string): string
  /**
   * A private entry (or the deletion of one) as hyperdb holds it.
   * @param time epoch ms
   * @throws HyphaError KEY_INVALID, VALUE_INVALID, VALUE_TOO_LARGE
   */
  sealEntry(name: string, value: unknown, deleted: boolean, time: number): { key: string; value: Uint8Array }
  /** Undefined for what is no private entry, not this hypha's, or found at another name's key. Never throws. */
  openEntry(key: string, value: Uint8Array): NamedEntry | undefined

  /** A node's name, cleaned and boxed for its authorisation record. @param target writer key, 32 bytes */
  sealName(name: string, target: Uint8Array): Uint8Array
  /** The name, cleaned again. Never throws. */
  openName(boxed: Uint8Array, target: Uint8Array): string | undefined

  /** What only the person's nodes may read or write, bound to `context`: introductions through a server nobody trusts. */
  sealIntroduction(plaintext: Uint8Array, context: Uint8Array): Uint8Array
  /** Undefined for what is not of the person's nodes, or of another context. Never throws. */
  openIntroduction(sealed: Uint8Array, context: Uint8Array): Uint8Array | undefined

  /** Proof for a place on an always-on node. @param nonce the server's, 32 bytes */
  claim(nonce: Uint8Array): ClaimProof
  /** Proof that this is one of the person's nodes; undefined once wiped. @param nonce the always-on node's, 32 bytes */
  proveMembership(nonce: Uint8Array): ClaimProof | undefined
  /** The secrets that a node needs to go on without the passphrase, for {@link openKeyring}. Whoever takes them wipes them. */
  secrets(): Uint8Array
  /** Wipes every secret. From then on what opens answers undefined, and what seals throws CLOSED. */
  wipe(): void
}

/** Entries, and the length of each, that are kept between sealing and the view's opening them. */
const MAX_SEALED = 256
const MAX_SEALED_LENGTH = 4 * 1024
const HASH_BYTES = 32

/**
 * Derives the person's keys from the master key and wipes that. Of the others, what no later call needs is wiped too.
 * @param expected the hyphalink that it must be, when that is known already
 * @throws HyphaError HYPHALINK_INVALID when it is another
 */
export const createKeyring = (crypto: Crypto, master: Uint8Array, expected?: Uint8Array): Keyring => {
  const { identitySeed, recoverySeed, contentsKey, claimSeed, storageKey, channelKey } = deriveKeys(
    master,
    crypto.deriveKey,
  )
  const origin = crypto.signingKeyPair(identitySeed)
  const recovery = crypto.boxKeyPair(recoverySeed)
  const claiming = crypto.signingKeyPair(claimSeed)
  const hyphalink = origin.publicKey
  const certificate = crypto.sign(claimCertificateBytes(claiming.publicKey), origin.secretKey)
  for (const spent of [master, identitySeed, recoverySeed, recovery.secretKey, claimSeed, storageKey])
    crypto.wipe(spent)
  const secrets = {
    hyphalink,
    contentsKey,
    channelKey,
    claimKey: claiming.publicKey,
    claimSecretKey: claiming.secretKey,
    certificate,
    recoveryPublicKey: recovery.publicKey,
  }
  const keyring = assemble(crypto, secrets, origin.secretKey)
  if (!expected || equalBytes(expected, hyphalink)) return keyring
  keyring.wipe()
  throw new HyphaError(
    'HYPHALINK_INVALID',
    'The passphrase and the domain belong to another hypha than this hyphalink. Check all three.',
  )
}

/** Version, contents key, channel key, claim secret key, its certificate, recovery public key. */
const SECRETS_VERSION = 1
const SECRETS_BYTES = 1 + 32 + 32 + 64 + 64 + 32

/** A keyring from what another one gave as its `secrets`, which are wiped. Undefined for what is not this hypha's. */
export const openKeyring = (
  crypto: Crypto,
  bytes: Uint8Array,
  hyphalink: Uint8Array,
): Keyring | undefined => {
  try {
    if (bytes.length !== SECRETS_BYTES || bytes[0] !== SECRETS_VERSION) return undefined
    let at = 1
    const take = (length: number) => {
      at += length
      return bytes.slice(at - length, at)
    }
    const [contentsKey, channelKey, claimSecretKey] = [take(32), take(32), take(64)]
    const [certificate, recoveryPublicKey] = [take(64), take(32)]
    const claimKey = claimSecretKey.slice(32)
    if (!crypto.verify(certificate, claimCertificateBytes(claimKey), hyphalink)) return undefined
    const secrets = { contentsKey, channelKey, claimKey, claimSecretKey, certificate, recoveryPublicKey }
    return assemble(crypto, { hyphalink, ...secrets })
  } finally {
    crypto.wipe(bytes)
  }
}

interface Secrets {
  readonly hyphalink: Uint8Array
  readonly contentsKey: Uint8Array
  readonly channelKey: Uint8Array
  readonly claimKey: Uint8Array
  readonly claimSecretKey: Uint8Array
  readonly certificate: Uint8Array
  readonly recoveryPublicKey: Uint8Array
}

const assemble = (crypto: Crypto, secrets: Secrets, origin?: Uint8Array): Keyring => {
  const { hyphalink, contentsKey, channelKey, claimKey, claimSecretKey, certificate, recoveryPublicKey } =
    secrets
  const discoveryKey = discoveryKeyOf(hyphalink, crypto.hash)
  const introductionKey = crypto.deriveKey('meetings', channelKey)
  let originSecretKey = origin
  let isWiped = false

  const forgetOrigin = (): void => {
    if (originSecretKey) crypto.wipe(originSecretKey)
    originSecretKey = undefined
  }
  const wipe = (): void => {
    isWiped = true
    forgetOrigin()
    for (const secret of [contentsKey, channelKey, claimSecretKey, introductionKey]) crypto.wipe(secret)
    sealed.clear()
  }
  // A wiped key is all zeros, which anybody can seal with and open.
  const assertHeld = (): void => {
    if (isWiped) throw new HyphaError('CLOSED', 'This node has been closed. Create another one.')
  }
  /** Of what was sealed last and has not been opened: what is inside. The view need not decipher what this node wrote. */
  const sealed = new Map<string, { readonly box: Uint8Array; readonly entry: NamedEntry }>()
  const boxContext = entryBoxContext(hyphalink, new Uint8Array(HASH_BYTES))
  /** Valid until it is asked for again. */
  const contextOf = (nameHash: Uint8Array): Uint8Array => {
    boxContext.set(nameHash, boxContext.length - HASH_BYTES)
    return boxContext
  }
  const hashName = (name: string): Uint8Array => crypto.hash(utf8(name), { key: contentsKey })

  const keyring: Keyring = {
    hyphalink,
    recoveryPublicKey,
    takeOriginSecretKey: () => {
      const taken = originSecretKey
      originSecretKey = undefined
      return taken
    },
    forgetOrigin,

    sealFrame: (plaintext) => {
      assertHeld()
      const nonce = crypto.randomBytes(NONCE_BYTES)
      return encodeSecureFrame({ nonce, ciphertext: crypto.secretBox(plaintext, nonce, channelKey) })
    },
    openFrame: (bytes) => {
      const frame = isWiped ? undefined : decodeSecureFrame(bytes)
      return frame && crypto.openSecretBox(frame.ciphertext, frame.nonce, channelKey)
    },

    hashName: (name) => {
      assertHeld()
      return toHex(hashName(name))
    },
    sealEntry: (name, value, deleted, time) => {
      assertHeld()
      const text = writePrivateEntry({ name: checkName(name), deleted, value, time })
      const nameHash = hashName(name)
      const nonce = crypto.randomBytes(NONCE_BYTES)
      const context = contextOf(nameHash)
      const ciphertext = crypto.box(utf8(text), context, nonce, contentsKey)
      const key = privateEntryKey(toHex(nameHash))
      const box = encodeEntryBox({ nonce, ciphertext })
      if (text.length <= MAX_SEALED_LENGTH)
        sealed.set(key, {
          box,
          entry: { name, deleted, value: deleted ? undefined : new UnreadValue(text), time },
        })
      if (sealed.size > MAX_SEALED) {
        const [oldest] = sealed.keys()
        if (oldest !== undefined) sealed.delete(oldest)
      }
      return { key, value: box }
    },
    openEntry: (key, value) => {
      const own = sealed.get(key)
      if (own && Buffer.compare(own.box, value) === 0) {
        sealed.delete(key)
        return own.entry
      }
      const nameHash = parsePrivateEntryKey(key)
      const box = isWiped ? undefined : decodeEntryBox(value)
      if (!nameHash || !box) return undefined
      const context = contextOf(nameHash)
      const plaintext = crypto.openBox(box.ciphertext, context, box.nonce, contentsKey)
      const entry = plaintext && decodePrivateEntry(plaintext)
      return entry && equalBytes(hashName(entry.name), nameHash) ? entry : undefined
    },

    sealName: (name, target) => {
      assertHeld()
      const nonce = crypto.randomBytes(NONCE_BYTES)
      const context = nodeNameContext(hyphalink, target)
      return concat(nonce, crypto.box(utf8(cleanNodeName(name)), context, nonce, contentsKey))
    },
    openName: (boxed, target) => {
      if (isWiped) return undefined
      const [nonce, ciphertext] = [boxed.subarray(0, NONCE_BYTES), boxed.subarray(NONCE_BYTES)]
      const name = crypto.openBox(ciphertext, nodeNameContext(hyphalink, target), nonce, contentsKey)
      try {
        return name && cleanNodeName(fromUtf8(name))
      } catch {
        return undefined
      }
    },

    sealIntroduction: (plaintext, context) => {
      assertHeld()
      const nonce = crypto.randomBytes(NONCE_BYTES)
      return concat(nonce, crypto.box(plaintext, context, nonce, introductionKey))
    },
    openIntroduction: (bytes, context) => {
      if (isWiped || bytes.length <= NONCE_BYTES) return undefined
      return crypto.openBox(
        bytes.subarray(NONCE_BYTES),
        context,
        bytes.subarray(0, NONCE_BYTES),
        introductionKey,
      )
    },

    claim: (nonce) => {
      assertHeld()
      const signature = crypto.sign(claimBytes(nonce, discoveryKey), claimSecretKey)
      return { claimKey, certificate, signature }
    },
    proveMembership: (nonce) => {
      if (isWiped) return undefined
      const signature = crypto.sign(memberBytes(nonce, discoveryKey), claimSecretKey)
      return { claimKey, certificate, signature }
    },
    secrets: () => {
      assertHeld()
      return concat(
        Uint8Array.of(SECRETS_VERSION),
        contentsKey,
        channelKey,
        claimSecretKey,
        certificate,
        recoveryPublicKey,
      )
    },
    wipe,
  }
  // What it does is no secret, but whoever prints or serialises it should see that there is nothing to be had.
  const shown = () => 'Keyring {}'
  Object.defineProperties(keyring, {
    toJSON: { value: () => ({}) },
    toString: { value: shown },
    [Symbol.for('nodejs.util.inspect.custom')]: { value: shown },
  })
  for (const name of Object.keys(keyring)) Object.defineProperty(keyring, name, { enumerable: false })
  return Object.freeze(keyring)
}

import { type Duplex, pipeline } from 'node:stream'
import Protocol from 'hypercore-protocol'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { toHex } from '../../src/protocol/bytes.js'
import { encodeControl } from '../../src/protocol/control-message.js'
import { EXTENSIONS, LINK, RELAY, SECURE_EPHEMERAL } from '../../src/protocol/extensions.js'
import { discoveryKeyOf } from '../../src/protocol/hyphalink.js'
import { REQUEST_LIFETIME_MS } from '../../src/protocol/limits.js'
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  linkProofBytes,
} from '../../src/protocol/link-proof.js'
import type { Hypha } from './hypha.js'

const crypto = await createCrypto()

/** Keys of a device that decides which link is used: the lesser writer key does. */
const keysBelow = (writerKey: string) => {
  for (;;) {
    const keys = crypto.signingKeyPair()
    if (toHex(keys.publicKey) < writerKey) return keys
  }
}

/** A peer by hand at the other end of a link. It says no more than it is told to. */
export const createRawPeer = (
  stream: Duplex,
  about: { readonly hyphalink: Uint8Array; readonly speaksOfLinks?: boolean },
) => {
  const { hyphalink, speaksOfLinks = false } = about
  const discoveryKey = discoveryKeyOf(hyphalink, crypto.hash)
  const protocol = new Protocol({
    live: true,
    encrypt: true,
    timeout: 0,
    extensions: [...EXTENSIONS, ...(speaksOfLinks ? [LINK] : []), 'hypha-seal'].sort(),
  })
  protocol.on('error', () => {})
  pipeline(stream, protocol, stream, () => {})
  const channel = protocol.feed(Buffer.from(hyphalink), { discoveryKey: Buffer.from(discoveryKey) })
  let hear = (_: Uint8Array) => {}
  const nonceOfNode = new Promise<Uint8Array>((resolve) => {
    hear = resolve
  })
  channel.on('extension', (name: string, bytes: Buffer) => {
    const message = name === LINK ? decodeLinkMessage(new Uint8Array(bytes)) : undefined
    if (message?.type === 'hello') hear(message.nonce)
  })
  const say = (message: LinkMessage) => channel.extension(LINK, Buffer.from(encodeLinkMessage(message)))
  return {
    /** Resolves when both have said hello. */
    greeted: new Promise<void>((resolve) => protocol.once('handshake', () => resolve())),
    /** A sealed message, as it is. */
    send: (frame: Uint8Array): void => void channel.extension(SECURE_EPHEMERAL, Buffer.from(frame)),
    /** Proves which device it is, whose word it is which link is used. */
    prove: async (writerKeyOfNode: string): Promise<void> => {
      const keys = keysBelow(writerKeyOfNode)
      const verifierNonce = await nonceOfNode
      const nonce = crypto.randomBytes(32)
      say({ type: 'hello', nonce })
      const signed = linkProofBytes({ discoveryKey, verifierNonce, proverNonce: nonce })
      say({
        type: 'proof',
        writerKey: keys.publicKey,
        signature: crypto.sign(signed, keys.secretKey),
      })
    },
    use: () => say({ type: 'use', serial: 1 }),
    /** As an always-on node: how many others are there. */
    hint: (peers: number) => channel.extension(RELAY, Buffer.from(JSON.stringify({ peers }))),
  }
}

/** What a device that may write says of another one's question, by hand. */
export const createAnswering = (hypha: Pick<Hypha, 'hyphalink' | 'keyring' | 'writer'>) => {
  const fileOf = (ending: string) => {
    const [, bytes] = [...hypha.writer.files].find(([name]) => name.endsWith(ending)) ?? []
    return new Uint8Array(bytes ?? [])
  }
  const secretKey = fileOf('local/secret_key')
  const sender = toHex(fileOf('local/key'))
  return {
    writerKey: sender,
    say: (
      what: { type: 'acknowledgement' } | { type: 'decision'; outcome: 'authorised' | 'declined' },
      about: { request: string; target: string; issued: number },
    ): Uint8Array =>
      hypha.keyring.sealFrame(
        encodeControl(
          {
            ...what,
            ...about,
            db: hypha.hyphalink,
            message: toHex(crypto.randomBytes(16)),
            sender,
            lifetime: REQUEST_LIFETIME_MS,
          },
          (bytes) => crypto.sign(bytes, secretKey),
        ),
      ),
  }
}

/** A device that was made up by somebody who has the passphrase: it asks as a real one does. */
export const createMadeUpDevice = (hypha: Pick<Hypha, 'hyphalink' | 'keyring'>) => {
  const keys = crypto.signingKeyPair()
  const request = toHex(crypto.randomBytes(16))
  const writerKey = toHex(keys.publicKey)
  return {
    request,
    writerKey,
    /** The same question each time, in another message. */
    ask: (issued: number): Uint8Array =>
      hypha.keyring.sealFrame(
        encodeControl(
          {
            type: 'request',
            name: 'Nobody’s phone',
            db: hypha.hyphalink,
            request,
            message: toHex(crypto.randomBytes(16)),
            sender: writerKey,
            target: writerKey,
            issued,
            lifetime: REQUEST_LIFETIME_MS,
          },
          (bytes) => crypto.sign(bytes, keys.secretKey),
        ),
      ),
  }
}

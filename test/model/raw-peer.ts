import { type Duplex, pipeline } from 'node:stream'
import Protocol from 'hypercore-protocol'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { toHex } from '../../src/protocol/bytes.js'
import { EXTENSIONS, LINK, RELAY } from '../../src/protocol/extensions.js'
import { discoveryKeyOf } from '../../src/protocol/hyphalink.js'
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  linkProofBytes,
} from '../../src/protocol/link-proof.js'

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

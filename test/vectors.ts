import { readFileSync } from 'node:fs'

export interface KeyCase {
  domainTyped: string
  domain: string
  words: string
  checksumWord: string
  passphrase: string
  salt: string
  master: string
  identitySeed: string
  hyphalink: string
  discoveryKey: string
  channelKey: string
  contentsKey: string
  storageKey: string
  recoveryPublicKey: string
  claimPublicKey: string
}

interface KeyVectors {
  cases: KeyCase[]
  bad: { typed: string; domainTyped: string; why: string }[]
}

interface FrameVectors {
  frames: { key: string; nonce: string; plaintext: string; ciphertext: string; frame: string }[]
  keyDerivation: { seed: string; publicKey: string; channelKey: string; discoveryKey: string }[]
  badFrames: { hex: string; why: string }[]
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}`, import.meta.url), 'utf8'))

export const keyVectors = read('keys.json') as KeyVectors
export const frameVectors = read('secure-ephemeral.json') as FrameVectors

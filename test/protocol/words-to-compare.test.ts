import { beforeAll, describe, expect, it } from 'vitest'
import type { Crypto } from '../../src/adapters/crypto/crypto.js'
import { createCrypto } from '../../src/adapters/crypto/sodium-crypto.js'
import { toHex } from '../../src/protocol/bytes.js'
import { targetFault } from '../../src/protocol/target-key.js'
import { loadWords } from '../../src/protocol/words.js'
import { areSameWords, wordsToCompare } from '../../src/protocol/words-to-compare.js'

let crypto: Crypto

beforeAll(async () => {
  crypto = await createCrypto()
})

describe('words to compare', () => {
  const hyphalink = new Uint8Array(32).fill(1)
  const id = new Uint8Array(16).fill(2)
  const target = new Uint8Array(32).fill(3)

  it('are the same five on both screens, and others for any other request', async () => {
    const list = await loadWords()
    const words = wordsToCompare({ hyphalink, id, target }, list, crypto.hash)
    expect(words).toEqual(['broaden', 'portion', 'ceramics', 'jersey', 'yeast'])
    const others = [
      { hyphalink: target, id, target },
      { hyphalink, id: new Uint8Array(16), target },
      { hyphalink, id, target: hyphalink },
    ]
    for (const other of others) expect(wordsToCompare(other, list, crypto.hash)).not.toEqual(words)
  })

  it('may be typed with capitals and any white space', () => {
    const words = ['drop-down', 'zoom', 'plank', 'able', 'yo-yo']
    expect(areSameWords(' Drop-Down zoom\nplank\u00a0able  YO-YO ', words)).toBe(true)
    expect(areSameWords([...words], words)).toBe(true)
    expect(areSameWords('drop-down zoom plank able', words)).toBe(false)
    expect(areSameWords('zoom drop-down plank able yo-yo', words)).toBe(false)
    expect(areSameWords('', words)).toBe(false)
  })
})

describe('the key that a request asks to authorise', () => {
  it('is a point, and neither the hyphalink, nor one’s own, nor authorised already', () => {
    const [origin, own, writer, asker] = [1, 2, 3, 4].map((seed) =>
      toHex(crypto.signingKeyPair(new Uint8Array(32).fill(seed)).publicKey),
    ) as [string, string, string, string]
    const node = {
      hyphalink: origin,
      ownWriter: own,
      isPublicKey: crypto.isPublicKey,
      isAuthorised: (key: string) => key === writer,
    }
    expect(targetFault(asker, node)).toBeUndefined()
    expect(targetFault(origin, node)).toBe('the-hyphalink')
    expect(targetFault(own, node)).toBe('own-key')
    expect(targetFault(writer, node)).toBe('already-authorised')
    for (const bad of ['', 'zz', '00'.repeat(32), 'ff'.repeat(32), asker.slice(2), `${asker}00`]) {
      expect(targetFault(bad, node)).toBe('not-a-key')
    }
  })
})

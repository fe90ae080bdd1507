import type { Crypto } from '../adapters/crypto/crypto.js'
import { fromHex } from './bytes.js'

/** Why a key can't be authorised, or undefined if it can. */
export type TargetFault = 'not-a-key' | 'the-hyphalink' | 'own-key' | 'already-authorised'

/**
 * Checks the key that a request asks to authorise. hyperdb itself checks nothing, and what it has authorised stays so for good.
 * @param target hex, as all keys here
 */
export const targetFault = (
  target: string,
  node: {
    hyphalink: string
    ownWriter: string
    isPublicKey: Crypto['isPublicKey']
    isAuthorised: (writer: string) => boolean
  },
): TargetFault | undefined => {
  const bytes = fromHex(target, 32)
  if (!bytes || !node.isPublicKey(bytes)) return 'not-a-key'
  if (target === node.hyphalink) return 'the-hyphalink'
  if (target === node.ownWriter) return 'own-key'
  return node.isAuthorised(target) ? 'already-authorised' : undefined
}

import type { Crypto } from '../adapters/crypto/crypto.js'
import { concat, equalBytes, utf8 } from './bytes.js'
import { discoveryKeyOf } from './hyphalink.js'

const CERTIFICATE_CONTEXT = utf8('hypha-runtime/claim-certificate/1\0')
const CLAIM_CONTEXT = utf8('hypha-runtime/claim/1\0')
const MEMBER_CONTEXT = utf8('hypha-runtime/member/1\0')

/**
 * Proof that one of the person's nodes asks for a place, or is at the other end of a connection: the origin certified the claim
 * key, and that signed the nonce.
 */
export interface ClaimProof {
  /** Ed25519 public key, 32 bytes. */
  readonly claimKey: Uint8Array
  /** The origin's signature over {@link claimCertificateBytes}. */
  readonly certificate: Uint8Array
  /** The claim key's over {@link claimBytes}, or {@link memberBytes}. */
  readonly signature: Uint8Array
}

export const claimCertificateBytes = (claimKey: Uint8Array): Uint8Array =>
  concat(CERTIFICATE_CONTEXT, claimKey)

/** @param nonce the server's, 32 bytes */
export const claimBytes = (nonce: Uint8Array, discoveryKey: Uint8Array): Uint8Array =>
  concat(CLAIM_CONTEXT, nonce, discoveryKey)

/** @param nonce the always-on node's, 32 bytes: as a claim's, and never taken for one */
export const memberBytes = (nonce: Uint8Array, discoveryKey: Uint8Array): Uint8Array =>
  concat(MEMBER_CONTEXT, nonce, discoveryKey)

/** Whether one of the person's nodes signed this nonce. */
export const isMemberProven = (
  proof: ClaimProof,
  hypha: { nonce: Uint8Array; discoveryKey: Uint8Array; hyphalink: Uint8Array },
  { verify }: Pick<Crypto, 'verify'>,
): boolean =>
  verify(proof.certificate, claimCertificateBytes(proof.claimKey), hypha.hyphalink) &&
  verify(proof.signature, memberBytes(hypha.nonce, hypha.discoveryKey), proof.claimKey)

/** Whether the claim is for the hypha that the connection began with, and by one of its person's nodes. */
export const isClaimProven = (
  claim: ClaimProof & { readonly hyphalink: Uint8Array },
  connection: { nonce: Uint8Array; discoveryKey: Uint8Array },
  { hash, verify, isPublicKey }: Pick<Crypto, 'hash' | 'verify' | 'isPublicKey'>,
): boolean =>
  claim.hyphalink.length === 32 &&
  equalBytes(discoveryKeyOf(claim.hyphalink, hash), connection.discoveryKey) &&
  isPublicKey(claim.hyphalink) &&
  verify(claim.certificate, claimCertificateBytes(claim.claimKey), claim.hyphalink) &&
  verify(claim.signature, claimBytes(connection.nonce, connection.discoveryKey), claim.claimKey)

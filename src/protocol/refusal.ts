/** Why a message is not one to act on. */
export type RefusalReason =
  | 'too-large'
  | 'malformed'
  | 'unknown-kind'
  | 'another-database'
  | 'bad-target'
  | 'wrong-sender'
  | 'bad-lifetime'
  | 'expired'
  | 'from-the-future'
  | 'bad-signature'

/** Refused for its time alone, by a sender who can be asked what its clock says. */
export interface Untimely {
  readonly kind: 'refused'
  readonly reason: 'expired' | 'from-the-future'
  /** Writer key, hex. Of an app's messages a claim; of others proven. */
  readonly sender: string
  readonly isSigned: boolean
  /** As a request says; cleaned, still a claim. */
  readonly nodeName?: string
  /** By the sender's clock, milliseconds since 1970. */
  readonly issued: number
  /** What it would be remembered by. */
  readonly seenKey?: string
  /** How many of an app's messages it holds. */
  readonly messages?: number
}

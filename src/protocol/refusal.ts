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

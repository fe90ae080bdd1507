/**
 * Every code a {@link HyphaError} can carry. Codes are stable: programs may switch on them.
 * The sentence that belongs to a code is the error's message and says what to do.
 */
export type HyphaErrorCode =
  // people and passphrases
  | 'DOMAIN_INVALID'
  | 'PASSPHRASE_INVALID'
  | 'HYPHALINK_INVALID'
  // the node's life
  | 'ALREADY_OPEN'
  | 'NOT_OPEN'
  | 'CLOSED'
  | 'OPENING_FAILED'
  | 'NOT_A_WRITER'
  | 'NO_CHANNEL'
  // requests
  | 'REQUEST_UNKNOWN'
  | 'WORDS_WRONG'
  | 'AUTHORISATION_FAILED'
  // entries and messages
  | 'KEY_INVALID'
  | 'VALUE_INVALID'
  | 'VALUE_TOO_LARGE'
  | 'BATCH_TOO_LARGE'
  | 'MESSAGE_INVALID'
  | 'MESSAGE_TOO_LARGE'
  | 'MESSAGES_WAITING'
  | 'MESSAGES_LOST'
  | 'WRITER_KEY_INVALID'
  // storage and database
  | 'STORAGE_FAILED'
  | 'STORAGE_LOCKED'
  | 'STORAGE_DAMAGED'
  | 'STORAGE_UNAVAILABLE'
  | 'STORAGE_OF_ANOTHER_HYPHA'
  | 'FEED_CORRUPT'
  | 'FEED_BEHIND'
  | 'ORIGIN_FORKED'
  | 'ORIGIN_UNSEALED'
  // the network
  | 'ADDRESS_INVALID'
  | 'ADDRESS_UNREACHABLE'
  | 'LISTEN_FAILED'
  | 'TRANSPORT_UNKNOWN'
  | 'TRANSPORT_UNAVAILABLE'
  | 'PEER_MISBEHAVED'
  | 'PEER_TIMED_OUT'
  | 'NOT_HOSTED'
  | 'CLAIM_REFUSED'
  | 'CLAIM_INSECURE'
  | 'HYPHA_UNKNOWN'
  | 'HYPHA_TOO_LARGE'
  | 'OPTION_INVALID'
  // the inspector
  | 'SESSION_INVALID'
  | 'INSPECTOR_REFUSED'

export interface HyphaErrorOptions {
  readonly cause?: unknown
  readonly position?: number
  readonly reason?: string
  readonly address?: string
  readonly count?: number
}

/** The only error that leaves the runtime: a stable `code`, and a sentence that says what to do. Holds no secret. */
export class HyphaError extends Error {
  readonly code: HyphaErrorCode
  override readonly name = 'HyphaError'
  /** Of PASSPHRASE_INVALID, when one word is to blame: which, counted from 1. */
  declare readonly position?: number
  /** Which of several things that share the code it is, for programs: `code-wrong` of CLAIM_REFUSED, ... */
  declare readonly reason?: string
  /** The address that it is about, as the transport shows it. */
  declare readonly address?: string
  /** Of MESSAGES_LOST: how many. */
  declare readonly count?: number

  constructor(code: HyphaErrorCode, message: string, options?: HyphaErrorOptions) {
    super(message, options)
    this.code = code
    if (options?.position !== undefined) this.position = options.position
    if (options?.reason !== undefined) this.reason = options.reason
    if (options?.address !== undefined) this.address = options.address
    if (options?.count !== undefined) this.count = options.count
  }
}

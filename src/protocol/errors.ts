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
  | 'CLOCK_WRONG'
  | 'WRITER_KEY_INVALID'
  // storage and database
  | 'STORAGE_FAILED'
  | 'STORAGE_LOCKED'
  | 'STORAGE_DAMAGED'
  | 'STORAGE_UNAVAILABLE'
  | 'STORAGE_OF_ANOTHER_HYPHA'
  | 'FEED_CORRUPT'
  | 'ADMISSIONS_EXCEEDED'
  | 'FEED_BEHIND'
  | 'FEED_FORKED'
  | 'WRITER_SHARED'
  | 'ORIGIN_FORKED'
  | 'ORIGIN_UNSEALED'
  // the network
  | 'ADDRESS_INVALID'
  | 'ADDRESS_UNREACHABLE'
  | 'DIRECT_LINK_FAILED'
  | 'DIRECT_LINK_REFUSED'
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

/** What is wrong with a passphrase, so that a form can mark it. Positions are counted from 1. */
export interface PassphraseFault {
  /**
   * `count`: too few or too many words; `word`: some are not in the list; `checksum`: all are, and don't fit together or belong to another
   * domain.
   */
  readonly reason?: string
  /** How many words were given. */
  readonly count?: number
  /** The first word that is not in the list, where it stands in what was given, and all that are not. */
  readonly position?: number
  readonly range?: readonly [start: number, end: number]
  readonly positions?: readonly number[]
  /**
   * The word of the list that was probably meant at {@link position}, if one is near: for the person alone. It is part of the secret, so
   * it shows in no log: printing the error, or making JSON of it, leaves it out.
   */
  readonly suggestion?: string
}

export interface HyphaErrorOptions extends PassphraseFault {
  readonly cause?: unknown
  readonly address?: string
  readonly offsetMs?: number
}

/** The only error that leaves the runtime: a stable `code`, and a sentence that says what to do. No secret is in the sentence. */
export class HyphaError extends Error implements PassphraseFault {
  readonly code: HyphaErrorCode
  override readonly name = 'HyphaError'
  /** Which of several things that share the code it is, for programs: `code-wrong` of CLAIM_REFUSED, `word` of PASSPHRASE_INVALID ... */
  declare readonly reason?: string
  /** Of MESSAGES_LOST: how many. Of PASSPHRASE_INVALID: how many words were given. */
  declare readonly count?: number
  // Of PASSPHRASE_INVALID, as PassphraseFault tells:
  declare readonly position?: number
  /** The address that it is about, as the transport shows it. */
  declare readonly address?: string
  declare readonly range?: readonly [start: number, end: number]
  declare readonly positions?: readonly number[]
  declare readonly suggestion?: string
  /** Of CLOCK_WRONG: by how many milliseconds the other clock is ahead of this device's. */
  declare readonly offsetMs?: number

  constructor(code: HyphaErrorCode, message: string, options: HyphaErrorOptions = {}) {
    const { cause, suggestion, ...fields } = options
    super(message, 'cause' in options ? { cause } : {})
    this.code = code
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true })
    if (suggestion !== undefined) Object.defineProperty(this, 'suggestion', { value: suggestion })
  }
}

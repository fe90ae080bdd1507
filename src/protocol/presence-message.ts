import type { Crypto } from '../adapters/crypto/crypto.js'
import { toBase64url } from './base64url.js'
import { concat, fromHex, utf8 } from './bytes.js'
import { type JsonObject, ownField, ownString, ownTime } from './json.js'
import { MAX_CLOCK_SKEW_MS, PRESENCE_LIFETIME_MS } from './limits.js'
import type { RefusalReason, Untimely } from './refusal.js'
import { RUN_BYTES } from './run-id.js'

const SIGNATURE_CONTEXT = utf8('hypha-runtime/presence/1\0')

/** By which two nodes that have the same key know each other: see run-id.ts. Older versions say neither. */
export interface PresenceRuns {
  /** What tells the sender's run from others: 8 bytes, hex. */
  readonly run?: string
  /** The run of another node with the sender's key, which it has heard of. */
  readonly twin?: string
}

/** What a node says of itself to those it has no link with. */
export interface PresenceBody extends PresenceRuns {
  /** The hyphalink, hex. */
  readonly db: string
  /** Id of this message: 16 bytes, hex. */
  readonly message: string
  /** Writer key of who is there, and signs; hex. */
  readonly sender: string
  /** By the sender's clock: epoch ms. Each later message has a later one: what comes by two roads, or again, is known by that. */
  readonly at: number
  /** False for a goodbye. */
  readonly here: boolean
}

export interface PresenceMessage extends Omit<PresenceBody, 'db' | 'message'> {
  readonly kind: 'presence'
}

/**
 * A presence message's plaintext, ready to be sealed. To nodes that don't know of presence it is a control message that has
 * expired, which is nobody's fault, and no misbehaviour; those of 2019 ignore what has no `action`.
 * @param sign signs with the sender's writer key
 */
export const encodePresence = (body: PresenceBody, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
  const { db, message, sender, at, here, run, twin } = body
  const expired = { request: message, target: sender, issued: 0, lifetime: 1 }
  const bytes = utf8(
    JSON.stringify({ type: 'presence', db, message, sender, at, here, run, twin, ...expired }),
  )
  const signature = sign(concat(SIGNATURE_CONTEXT, bytes))
  return utf8(JSON.stringify({ v: 2, b: toBase64url(bytes), s: toBase64url(signature) }))
}

const isRun = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && fromHex(value, RUN_BYTES) !== undefined)

/** The body of an envelope, whose type says that it is a presence: the cheap checks first, the signature last. */
export const decodePresence = (
  body: JsonObject,
  signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  context: {
    readonly hyphalink: string
    readonly now: number
    readonly verify: Crypto['verify']
    readonly offsetOf?: (sender: string) => number
  },
): PresenceMessage | Untimely | RefusalReason => {
  const message = ownString(body, 'message') ?? ''
  const sender = ownString(body, 'sender') ?? ''
  const key = fromHex(sender, 32)
  const at = ownTime(body, 'at')
  const here = ownField(body, 'here')
  const [run, twin] = [ownField(body, 'run'), ownField(body, 'twin')]
  if (!isRun(run) || !isRun(twin)) return 'malformed'
  if (!fromHex(message, 16) || !key || at === undefined || typeof here !== 'boolean') return 'malformed'
  if (ownField(body, 'db') !== context.hyphalink) return 'another-database'
  if (!context.verify(signed.signature, concat(SIGNATURE_CONTEXT, signed.bytes), key)) return 'bad-signature'
  const now = context.now + (context.offsetOf?.(sender) ?? 0)
  const untimely = { kind: 'refused', sender, isSigned: true, issued: at } as const
  if (at > now + MAX_CLOCK_SKEW_MS) return { ...untimely, reason: 'from-the-future' }
  if (now >= at + PRESENCE_LIFETIME_MS + MAX_CLOCK_SKEW_MS) return { ...untimely, reason: 'expired' }
  return {
    kind: 'presence',
    sender,
    at,
    here,
    ...(run === undefined ? {} : { run }),
    ...(twin === undefined ? {} : { twin }),
  }
}

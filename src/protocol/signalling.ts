import { fromBase64url, toBase64url } from './base64url.js'
import { fromHex, toHex, utf8 } from './bytes.js'
import type { ClaimProof } from './claim.js'
import { isJsonObject, type JsonObject, ownField, ownString, parseJson } from './json.js'
import { MAX_SIGNALLING_MESSAGE_BYTES, MAX_SIGNALLING_ROOM_MEMBERS, SIGNALLING_ID_BYTES } from './limits.js'

/**
 * How nodes find each other through a server that nobody trusts: JSON in binary WebSocket messages. The server sees a
 * discovery key, random ids and sealed bytes.
 */

/** What a node says. Ids are 32 hex digits, drawn anew for each time that a room is entered. */
export type ToSignalling =
  /** First, and once. @param room the hypha's discovery key, 64 hex digits */
  | { readonly type: 'join'; readonly room: string; readonly id: string }
  | { readonly type: 'send'; readonly to: string; readonly sealed: Uint8Array }
  /** In answer to a `nonce`: that it is one of the person's nodes, who keep their seats. */
  | ({ readonly type: 'prove' } & ClaimProof)

/** Why a room can't be entered; the server closes after it. */
export type SignallingRefusal = 'full' | 'taken'

/** What the server says. */
export type FromSignalling =
  /** In answer to `join`: who was there already. `nonce`, 32 bytes, from a server that hosts the hypha: see `prove`. */
  | { readonly type: 'joined'; readonly members: readonly string[]; readonly nonce?: Uint8Array }
  | { readonly type: 'refused'; readonly reason: SignallingRefusal }
  | { readonly type: 'came' | 'went'; readonly id: string }
  | { readonly type: 'message'; readonly from: string; readonly sealed: Uint8Array }
  /** That it is still there. */
  | { readonly type: 'beat' }

const isHex = (value: unknown, bytes: number): value is string => fromHex(value, bytes) !== undefined
const isId = (value: unknown): value is string => isHex(value, SIGNALLING_ID_BYTES)

const read = (bytes: Uint8Array): JsonObject | undefined => {
  const message = parseJson(bytes, { maxBytes: MAX_SIGNALLING_MESSAGE_BYTES, maxDepth: 2 })
  return isJsonObject(message) ? message : undefined
}

/** Keys, nonces and signatures as hex, and what is sealed, which is larger, as base64url. */
const writeField = (name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? (name === 'sealed' ? toBase64url(value) : toHex(value)) : value

export const encodeSignalling = (message: ToSignalling | FromSignalling): Uint8Array =>
  utf8(
    JSON.stringify(
      Object.fromEntries(Object.entries(message).map(([name, value]) => [name, writeField(name, value)])),
    ),
  )

/** Undefined for anything that no node would say. Never throws. */
export const decodeToSignalling = (bytes: Uint8Array): ToSignalling | undefined => {
  const message = read(bytes)
  if (!message) return undefined
  switch (ownString(message, 'type')) {
    case 'join': {
      const [room, id] = [ownField(message, 'room'), ownField(message, 'id')]
      return isHex(room, 32) && isId(id) ? { type: 'join', room, id } : undefined
    }
    case 'send': {
      const [to, sealed] = [ownField(message, 'to'), fromBase64url(ownField(message, 'sealed'))]
      return isId(to) && sealed ? { type: 'send', to, sealed } : undefined
    }
    case 'prove': {
      const claimKey = fromHex(ownField(message, 'claimKey'), 32)
      const certificate = fromHex(ownField(message, 'certificate'), 64)
      const signature = fromHex(ownField(message, 'signature'), 64)
      return claimKey && certificate && signature
        ? { type: 'prove', claimKey, certificate, signature }
        : undefined
    }
  }
  return undefined
}

/** Undefined for anything that no server of ours would say. Never throws. */
export const decodeFromSignalling = (bytes: Uint8Array): FromSignalling | undefined => {
  const message = read(bytes)
  if (!message) return undefined
  const type = ownString(message, 'type')
  switch (type) {
    case 'joined': {
      const members = ownField(message, 'members')
      if (!Array.isArray(members) || members.length >= MAX_SIGNALLING_ROOM_MEMBERS) return undefined
      const nonce = fromHex(ownField(message, 'nonce'), 32)
      return members.every(isId) ? { type, members, ...(nonce ? { nonce } : {}) } : undefined
    }
    case 'refused': {
      const reason = ownField(message, 'reason')
      return reason === 'full' || reason === 'taken' ? { type, reason } : undefined
    }
    case 'came':
    case 'went': {
      const id = ownField(message, 'id')
      return isId(id) ? { type, id } : undefined
    }
    case 'message': {
      const [from, sealed] = [ownField(message, 'from'), fromBase64url(ownField(message, 'sealed'))]
      return isId(from) && sealed ? { type, from, sealed } : undefined
    }
    case 'beat':
      return { type }
  }
  return undefined
}

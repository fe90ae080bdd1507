import type {
  AuthorisationRequest,
  Entry,
  JsonValue,
  KnownNode,
  NodeSnapshot,
  TransportStatus,
} from '../../api.js'
import { HyphaError, type HyphaErrorCode } from '../../protocol/errors.js'
import { isJsonObject, ownField, ownString, parseJson } from '../../protocol/json.js'
import { MAX_JSON_DEPTH, MAX_VALUE_BYTES } from '../../protocol/limits.js'

/**
 * What the commands of one data folder say to each other: lines of JSON over a socket. The session greets with
 * `{ hypha, command, pid }`; a client asks `{ id, method, params }` and may take it back with `{ id, cancel: true }`; answers
 * are any number of `{ id, item }`, then one of `{ id, result }` and `{ id, error: { code, message } }`.
 */
export const SESSION_VERSION = 1
/** A value at its limit, and what is around it. */
export const MAX_LINE_BYTES = MAX_VALUE_BYTES + 64 * 1024
/** Characters of one piece of a long text: in JSON, and UTF-8, it still fits a line. */
export const PIECE_LENGTH = 256 * 1024
/** Calls of one client under way. */
export const MAX_CALLS = 64
/** Clients of one session. */
export const MAX_CLIENTS = 64
/** What a client has not read yet may wait in memory; one that reads no more is left. */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024
/** A session greets at once; who doesn't is none. */
export const GREETING_MS = 5_000

const MAX_MESSAGE_DEPTH = MAX_JSON_DEPTH + 8

/** Which command serves the session, in which process. */
export interface Greeting {
  readonly command: string
  readonly pid: number
}

export interface Asking {
  /** Those that wait now. */
  readonly requests: readonly AuthorisationRequest[]
  /** How many more wait until there is room for them. */
  readonly waiting: number
}

export type OwnState = Pick<NodeSnapshot, 'state' | 'name' | 'request'>

export interface TextPiece {
  readonly text: string
  /** Whether this piece ends it. */
  readonly isLast: boolean
}

/** Everything that can be asked of a node: what it takes, what it streams, what it ends with. */
export interface Methods {
  status: { params: Record<string, never>; item: never; result: NodeSnapshot }
  get: { params: { key: string }; item: never; result: { found: boolean; value?: JsonValue } }
  put: { params: { key: string; value: JsonValue; public: boolean }; item: never; result: null }
  del: { params: { key: string }; item: never; result: null }
  ls: { params: { prefix: string }; item: Entry; result: null }
  watch: {
    params: { prefix: string }
    item: { key: string; value?: JsonValue; deleted: boolean; conflict?: boolean } | null
    result: null
  }
  nodes: { params: Record<string, never>; item: never; result: readonly KnownNode[] }
  dismissNotice: { params: { writerKey: string }; item: never; result: null }
  transports: { params: Record<string, never>; item: never; result: readonly TransportStatus[] }
  setTransport: { params: { id: string; on: boolean }; item: never; result: null }
  requests: { params: Record<string, never>; item: Asking; result: null }
  authorise: { params: { id: string }; item: never; result: null }
  decline: { params: { id: string }; item: never; result: null }
  declineAll: { params: Record<string, never>; item: never; result: null }
  showRequest: { params: { words: string }; item: never; result: AuthorisationRequest }
  /** What the node does, until it is taken back: the inspector's messages as text, in pieces that fit a line. */
  inspect: { params: Record<string, never>; item: TextPiece; result: null }
  ask: { params: Record<string, never>; item: OwnState; result: { outcome: string; reason?: string } }
}
export type MethodName = keyof Methods

/** What commands work on: a node of their own, or another command's over the socket. */
export interface Desk {
  /** Whose node it is, unless it is our own. */
  readonly session: Greeting | undefined
  call<Name extends MethodName>(
    method: Name,
    params: Methods[Name]['params'],
    how?: { onItem?: (item: Methods[Name]['item']) => void | Promise<void>; signal?: AbortSignal },
  ): Promise<Methods[Name]['result']>
  close(): Promise<void>
}

export type Incoming =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly type: 'cancel'; readonly id: number }

export type Answer =
  | { readonly type: 'item'; readonly id: number; readonly item: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: HyphaError }

const parseLine = (line: Uint8Array) => {
  const json = parseJson(line, { maxBytes: MAX_LINE_BYTES, maxDepth: MAX_MESSAGE_DEPTH })
  return isJsonObject(json) ? json : undefined
}

const idOf = (id: unknown): number | undefined =>
  typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined

/** Undefined for what no client of ours says. */
export const parseIncoming = (line: Uint8Array): Incoming | undefined => {
  const json = parseLine(line)
  const id = json && idOf(ownField(json, 'id'))
  if (!json || id === undefined) return undefined
  if (ownField(json, 'cancel') === true) return { type: 'cancel', id }
  const method = ownString(json, 'method')
  return method === undefined ? undefined : { type: 'call', id, method, params: ownField(json, 'params') }
}

/** Undefined for what no session says; `version` when it is a session of another one. */
export const parseGreeting = (line: Uint8Array): Greeting | 'version' | undefined => {
  const json = parseLine(line)
  const version = json && ownField(json, 'hypha')
  if (!json || version === undefined) return undefined
  if (version !== SESSION_VERSION) return 'version'
  const command = ownString(json, 'command')
  const pid = idOf(ownField(json, 'pid'))
  return command === undefined || pid === undefined ? undefined : { command, pid }
}

/** Undefined for what no session says. */
export const parseAnswer = (line: Uint8Array): Answer | undefined => {
  const json = parseLine(line)
  const id = json && idOf(ownField(json, 'id'))
  if (!json || id === undefined) return undefined
  const error = ownField(json, 'error')
  if (isJsonObject(error)) {
    const code = ownString(error, 'code') ?? 'STORAGE_FAILED'
    return {
      type: 'error',
      id,
      error: new HyphaError(code as HyphaErrorCode, ownString(error, 'message') ?? 'The node failed.'),
    }
  }
  if (Object.hasOwn(json, 'item')) return { type: 'item', id, item: ownField(json, 'item') }
  return Object.hasOwn(json, 'result') ? { type: 'result', id, result: ownField(json, 'result') } : undefined
}

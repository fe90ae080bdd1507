/**
 * What publishers, the hub and viewers say to each other: JSON, one message a WebSocket message, text. Who connects says
 * hello first; then a publisher sends recordings to the hub, and the hub passes them on to viewers in the same words. A
 * recording that is sent again takes the place of the one before.
 */
import { toBase64url } from '../../protocol/base64url.js'
import { utf8 } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { isJsonObject, type JsonObject, ownField, ownString, parseJson } from '../../protocol/json.js'
import type { InspectorEvent, Recording } from './events.js'
import {
  INSPECTOR_TOKEN_BYTES,
  MAX_INSPECTOR_EVENTS,
  MAX_INSPECTOR_HELLO_BYTES,
  MAX_INSPECTOR_ID_LENGTH,
  MAX_INSPECTOR_JSON_DEPTH,
  MAX_INSPECTOR_MESSAGE_BYTES,
} from './limits.js'
import { parseEvents, parseRecording } from './session.js'

export type Hello =
  | { readonly type: 'hello'; readonly role: 'viewer'; readonly token: string }
  | {
      readonly type: 'hello'
      readonly role: 'publisher'
      readonly token: string
      /** Random, 128 bits as base64url: its recordings are its own, also when it comes back after a cut. */
      readonly publisher: string
    }

/** All that is known of one node; what happens next follows as events. */
export interface RecordingMessage {
  readonly type: 'recording'
  readonly recording: Recording
}

/** What happened on a node since its recording. */
export interface EventsMessage {
  readonly type: 'events'
  readonly rootId: string
  readonly events: readonly InspectorEvent[]
}

/** Nothing more will be told of this node, unless its publisher comes back. What is known stays. */
export interface GoneMessage {
  readonly type: 'gone'
  readonly rootId: string
}

export type HubMessage = RecordingMessage | EventsMessage | GoneMessage

/** Where the hub's WebSocket is. */
export const INSPECTOR_PATH = '/inspect'
export const INSPECTOR_SOCKET_PATH = '/inspect/socket'

/** WebSocket close codes of the hub, each with a sentence for people. */
export const HUB_CLOSE: Readonly<Record<number, string>> = {
  1001: 'The inspector’s server was ended.',
  1009: 'A message was too large for the inspector’s server.',
  4400: 'What was sent is not what an inspector’s server takes. Are both of one version?',
  4401: 'The token is not this server’s. Open the URL that it printed when it started.',
  4408: 'Nothing was said in time.',
  4409: 'This node’s recording comes from somebody else already.',
  4429: 'There is no room for more. Close another window, or end a program that publishes.',
}
/** Coming back would end the same way. */
export const isFinalClose = (code: number): boolean =>
  code >= 4400 && code < 4500 && code !== 4408 && code !== 4429

/** The WebSocket of the hub whose page is at `url`, which may have a fragment. Undefined for what is no such URL. */
export const hubSocketUrl = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  if (!/^(https?|wss?):$/.test(parsed.protocol)) return undefined
  const scheme = /^(https|wss):$/.test(parsed.protocol) ? 'wss' : 'ws'
  return `${scheme}://${parsed.host}${INSPECTOR_SOCKET_PATH}`
}

/** The token in a page's fragment: `#token=...` of the inspector's own, `#inspect=...` of an app's. */
export const tokenInFragment = (
  fragment: string,
  name: 'token' | 'inspect' = 'token',
): string | undefined => {
  const found = new URLSearchParams(fragment.replace(/^#/, '')).get(name)
  return found !== null && isToken(found) ? found : undefined
}

/** 128 bits as base64url. */
const TOKEN_LENGTH = Math.ceil((INSPECTOR_TOKEN_BYTES * 8) / 6)
export const isToken = (text: unknown): text is string =>
  typeof text === 'string' && text.length === TOKEN_LENGTH && /^[\w-]+$/.test(text)

/** A new one, of a hub or of a publisher. */
export const randomToken = (): string =>
  toBase64url(globalThis.crypto.getRandomValues(new Uint8Array(INSPECTOR_TOKEN_BYTES)))

const isId = (text: unknown): text is string =>
  typeof text === 'string' && text.length > 0 && text.length <= MAX_INSPECTOR_ID_LENGTH

const read = (data: unknown, maxBytes: number): JsonObject | undefined => {
  const bytes = typeof data === 'string' ? (data.length > maxBytes ? undefined : utf8(data)) : data
  if (!(bytes instanceof Uint8Array)) return undefined
  const json = parseJson(bytes, { maxBytes, maxDepth: MAX_INSPECTOR_JSON_DEPTH })
  return isJsonObject(json) ? json : undefined
}

/** Undefined for what is no hello. */
export const parseHello = (data: unknown): Hello | undefined => {
  const json = read(data, MAX_INSPECTOR_HELLO_BYTES)
  if (!json || ownField(json, 'type') !== 'hello') return undefined
  const token = ownString(json, 'token')
  if (token === undefined) return undefined
  const role = ownField(json, 'role')
  if (role === 'viewer') return { type: 'hello', role, token }
  const publisher = ownField(json, 'publisher')
  if (role !== 'publisher' || !isToken(publisher)) return undefined
  return { type: 'hello', role, token, publisher }
}

/** What is no session's is none of a message's. */
const quietly = <T>(parse: () => T): T | undefined => {
  try {
    return parse()
  } catch (error) {
    if (error instanceof HyphaError) return undefined
    throw error
  }
}

const isFewEnough = (events: unknown): boolean =>
  Array.isArray(events) && events.length <= MAX_INSPECTOR_EVENTS

const readEvents = (events: unknown, rootId: string): readonly InspectorEvent[] | undefined => {
  const known = isFewEnough(events) ? quietly(() => parseEvents(events)) : undefined
  return known?.every((event) => event.rootId === rootId) ? known : undefined
}

const readRecording = (recording: unknown): Recording | undefined =>
  isJsonObject(recording) &&
  isFewEnough(ownField(recording, 'before')) &&
  isFewEnough(ownField(recording, 'events'))
    ? quietly(() => parseRecording(recording))
    : undefined

/** What a publisher sends, or a hub: a string or UTF-8. Undefined for anything else, however it came. Never throws. */
export const parseHubMessage = (data: unknown): HubMessage | undefined => {
  const json = read(data, MAX_INSPECTOR_MESSAGE_BYTES)
  if (!json) return undefined
  const type = ownField(json, 'type')
  if (type === 'recording') {
    const recording = readRecording(ownField(json, 'recording'))
    return recording && { type, recording }
  }
  const rootId = ownField(json, 'rootId')
  if (!isId(rootId)) return undefined
  if (type === 'gone') return { type, rootId }
  const events = type === 'events' ? readEvents(ownField(json, 'events'), rootId) : undefined
  return events && { type: 'events', rootId, events }
}

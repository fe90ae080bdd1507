import { HyphaError } from '../../protocol/errors.js'
import type { InspectorEvent, ShownEvent, ShownSnapshot } from './events.js'
import type { Inspection } from './inspect.js'

interface StatelyBase {
  readonly rootId: string
  readonly sessionId: string
  /** Whole milliseconds since 1970, as text. */
  readonly createdAt: string
  readonly id: string
  readonly _version: string
}

type StatelySnapshot = Omit<ShownSnapshot, 'status' | 'output' | 'error'> &
  (
    | { readonly status: 'active' | 'stopped'; readonly output: undefined; readonly error: undefined }
    | { readonly status: 'done'; readonly output: unknown; readonly error: undefined }
    | { readonly status: 'error'; readonly output: undefined; readonly error: unknown }
  )

/** What Stately's inspector takes: `StatelyInspectionEvent` of `@statelyai/inspect`. */
export type StatelyEvent = StatelyBase &
  (
    | {
        readonly type: '@xstate.actor'
        readonly name: string
        readonly snapshot: StatelySnapshot
        readonly definition: string
        readonly parentId: string | undefined
      }
    | { readonly type: '@xstate.event'; readonly event: ShownEvent; readonly sourceId: string | undefined }
    | { readonly type: '@xstate.snapshot'; readonly event: ShownEvent; readonly snapshot: StatelySnapshot }
  )

const snapshotFor = ({ status, output, error, ...shown }: ShownSnapshot): StatelySnapshot => {
  switch (status) {
    case 'done':
      return { ...shown, status, output, error: undefined }
    case 'error':
      return { ...shown, status, output: undefined, error }
    default:
      return { ...shown, status, output: undefined, error: undefined }
  }
}

/** Undefined for what only this inspector knows: deaths, and messages between nodes. */
export const toStately = (event: InspectorEvent): StatelyEvent | undefined => {
  const { rootId, sessionId, id, _version, createdAt } = event
  const base = { rootId, sessionId, id, _version, createdAt: String(Math.floor(Number(createdAt))) }
  switch (event.type) {
    case '@xstate.actor': {
      const { type, name, parentId, snapshot } = event
      // What is no machine is drawn as one without states.
      const definition = event.definition ?? JSON.stringify({ id: name })
      return { ...base, type, name, parentId, definition, snapshot: snapshotFor(snapshot) }
    }
    case '@xstate.event':
      return { ...base, type: event.type, event: event.event, sourceId: event.sourceId }
    case '@xstate.snapshot':
      return { ...base, type: event.type, event: event.event, snapshot: snapshotFor(event.snapshot) }
    default:
      return undefined
  }
}

/** A window as far as it is written to. */
export interface StatelyTarget {
  postMessage(message: unknown, targetOrigin: string): void
}

/** A page's own window, as far as it is needed. */
export interface StatelyOpener {
  open(url: string, name: string): StatelyTarget | null
  addEventListener(type: 'message', listener: (event: StatelyMessage) => void): void
  removeEventListener(type: 'message', listener: (event: StatelyMessage) => void): void
}

export interface StatelyMessage {
  readonly data: unknown
  readonly source: unknown
  readonly origin: string
}

export interface StatelyOptions {
  /** The inspector's page; https://stately.ai/inspect unless given. What is shown is sent there. */
  readonly url?: string
  /** Where it is open already, as an iframe's `contentWindow`; else a window is opened. */
  readonly target?: StatelyTarget
  /** The page's own window unless given. */
  readonly window?: StatelyOpener
}

const CONNECTED = '@statelyai.connected'
const DISCONNECTED = '@statelyai.disconnected'

const isOpener = (value: unknown): value is StatelyOpener =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'open') === 'function'

const typeOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null ? Reflect.get(data, 'type') : undefined

/**
 * Shows what inspections tell in Stately's inspector, which opens in a window of its own: call it from a click, on a page that
 * is online. What happened before it connects is shown, too.
 * @returns what ends it
 * @throws HyphaError OPTION_INVALID when there is no window, or the browser opens none
 */
export const connectStately = (
  inspections: readonly Inspection[],
  options: StatelyOptions = {},
): (() => void) => {
  const { url = 'https://stately.ai/inspect' } = options
  const own: unknown = options.window ?? Reflect.get(globalThis, 'window')
  if (!isOpener(own))
    throw new HyphaError('OPTION_INVALID', 'connectStately() is for pages: there is no window.')
  if (!URL.canParse(url)) throw new HyphaError('OPTION_INVALID', 'url is that of Stately’s inspector.')
  const { origin } = new URL(url)
  const target = options.target ?? own.open(url, 'xstateinspector')
  if (!target)
    throw new HyphaError(
      'OPTION_INVALID',
      'The browser opened no window for Stately’s inspector. Call connectStately() from a click.',
    )

  const send = (events: readonly InspectorEvent[]) => {
    for (const event of events) {
      const told = toStately(event)
      if (told) target.postMessage(told, origin)
    }
  }
  let stops: (() => void)[] = []
  const disconnect = () => {
    for (const stop of stops) stop()
    stops = []
  }
  /** Each time that it is loaded it knows nothing. */
  const connect = () => {
    disconnect()
    stops = inspections.map((inspection) => {
      const { before, events } = inspection.recording()
      send(before)
      send(events)
      return inspection.subscribe(send)
    })
  }
  const listen = ({ data, source, origin: from }: StatelyMessage) => {
    if (source === target && from === origin && typeOf(data) === CONNECTED) connect()
  }
  own.addEventListener('message', listen)
  return () => {
    own.removeEventListener('message', listen)
    if (stops.length > 0) target.postMessage({ type: DISCONNECTED }, origin)
    disconnect()
  }
}

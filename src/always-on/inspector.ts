import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { requestOrigin } from '../adapters/transport/accept-web-socket.js'
import { isLoopbackHost } from '../adapters/transport/loopback.js'
import { HyphaError } from '../protocol/errors.js'
import {
  createInspectorHub,
  type InspectorHub,
  type InspectorHubOptions,
} from '../ui-bridge/inspector/hub.js'
import { type Inspection, inspect } from '../ui-bridge/inspector/inspect.js'
import {
  MAX_INSPECTOR_MESSAGE_BYTES,
  MAX_INSPECTOR_PUBLISHERS,
  MAX_INSPECTOR_UNKNOWN,
  MAX_INSPECTOR_VIEWERS,
} from '../ui-bridge/inspector/limits.js'
import { INSPECTOR_PATH, INSPECTOR_SOCKET_PATH } from '../ui-bridge/inspector/wire.js'
import { answer } from './answer.js'
import type { Door } from './upgrades.js'
import { createInspectorApp } from './web-app.js'

/** The inspector as a part of an HTTP server. */
export interface InspectorRoom {
  readonly hub: InspectorHub
  /** For viewers' and publishers' WebSockets. */
  readonly door: Door
  /** Answers what is at /inspect and below it. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** The page's URL, with the token in its fragment: browsers send that to no server. */
  urlAt(base: string): string
  /** Inspects a node of this process from now on, until it is closed. */
  show(subject: object): void
  close(): void
}

export const isInspectorPath = (path: string): boolean =>
  path === INSPECTOR_PATH || path.startsWith(`${INSPECTOR_PATH}/`)

/**
 * An inspector sees how a person's nodes work, and is for this machine alone.
 * @throws HyphaError OPTION_INVALID
 */
export const checkInspectorHost = (host: string): void => {
  if (isLoopbackHost(host)) return
  throw new HyphaError(
    'OPTION_INVALID',
    'The inspector is for this machine alone: listen on 127.0.0.1, ::1 or localhost, or do without inspect.',
  )
}

/**
 * Whoever asks is of this machine and calls it by a name of this machine's: a page elsewhere whose name was made to lead
 * here (DNS rebinding) does not, nor does what comes by a proxy. Of pages only the one that came from here.
 */
const isWelcome = (request: IncomingMessage): boolean => {
  if (!requestOrigin(request).local) return false
  const { origin, host = '' } = request.headers
  if (origin === undefined) return true
  const scheme = request.socket instanceof TLSSocket ? 'https' : 'http'
  return origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`
}

const TEXT = 'text/plain; charset=utf-8'
const NOT_WELCOME = 'The inspector is for this machine alone. Open it by the URL that was printed.\n'
const NOT_BUILT = 'The inspector’s page has not been built here. Run npm run build, and load this again.\n'
const NOT_FOUND = 'There is no such file of the inspector.\n'
const OFF = 'The inspector is off here. hypha always-on --inspect turns it on.\n'

/** Where there is none: who publishes is no peer, and told so before a word was said. */
export const CLOSED_DOOR: Door = {
  path: INSPECTOR_SOCKET_PATH,
  maxSockets: 0,
  maxMessageBytes: 0,
  mayEnter: () => false,
  add: (socket) => socket.terminate(),
}

/** What is answered at /inspect where there is none. */
export const answerOff = (request: IncomingMessage, response: ServerResponse): void =>
  answer(request, response, { status: 404, type: TEXT, body: OFF })

/** @param page the folder of the inspector's page; the built one of this package unless given */
export const createInspectorRoom = (page?: string, options: InspectorHubOptions = {}): InspectorRoom => {
  const hub = createInspectorHub(options)
  const app = createInspectorApp(page)
  const inspections: Inspection[] = []
  return {
    hub,
    door: {
      path: INSPECTOR_SOCKET_PATH,
      maxSockets: MAX_INSPECTOR_PUBLISHERS + MAX_INSPECTOR_VIEWERS + 2 * MAX_INSPECTOR_UNKNOWN,
      maxMessageBytes: MAX_INSPECTOR_MESSAGE_BYTES,
      mayEnter: isWelcome,
      add: hub.add,
    },
    serve: async (path, request, response) => {
      // A page loads its own files without an Origin, or with its own.
      if (!isWelcome(request))
        return answer(request, response, { status: 403, type: TEXT, body: NOT_WELCOME })
      const file = path.slice(INSPECTOR_PATH.length) || '/'
      if (await app.serve(file, request, response)) return
      const isBuilt = await app.isBuilt()
      answer(request, response, {
        status: isBuilt ? 404 : 503,
        type: TEXT,
        body: isBuilt ? NOT_FOUND : NOT_BUILT,
      })
    },
    urlAt: (base) => `${base}${INSPECTOR_PATH}#token=${hub.token}`,
    show: (subject) => {
      const inspection = inspect(subject)
      inspections.push(inspection)
      hub.publish(inspection)
    },
    close: () => {
      hub.close()
      for (const inspection of inspections) inspection.detach()
    },
  }
}

import {
  HUB_CLOSE,
  hubSocketUrl,
  isFinalClose,
  parseHubMessage,
} from '../../../src/ui-bridge/inspector/wire.js'
import type { Desk } from './desk.js'
import type { Value } from './value.js'

export interface Status {
  readonly state: 'none' | 'connecting' | 'live' | 'cut' | 'refused'
  /** A sentence for people. */
  readonly text: string
}

export interface Connection {
  readonly status: Value<Status>
  /** Tries at once, if it waits. */
  retry(): void
  close(): void
}

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 10_000

/** A viewer of a hub: what it sends comes onto the desk. A connection that is cut is tried again, ever more slowly. */
export const connect = (
  desk: Desk,
  { url, token }: { readonly url: string; readonly token: string },
  status: Value<Status>,
): Connection => {
  const address = hubSocketUrl(url)
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let delay = FIRST_DELAY_MS
  let isClosed = false

  const say = (state: Status['state'], text: string) => status.set({ state, text })

  const take = (data: unknown) => {
    const message = parseHubMessage(data)
    if (!message) return
    if (message.type === 'recording') desk.put(message.recording)
    else if (message.type === 'events') desk.append(message.rootId, message.events)
    else desk.gone(message.rootId)
  }

  const open = () => {
    clearTimeout(timer)
    if (isClosed || address === undefined) return
    say('connecting', 'Connecting to the inspector’s server…')
    // Who is asked to try again while it tries must not hear everything twice.
    socket?.close()
    const own = new WebSocket(address)
    socket = own
    own.addEventListener('open', () => {
      if (socket !== own) return
      own.send(JSON.stringify({ type: 'hello', role: 'viewer', token }))
      say('live', 'Connected: what happens shows here as it happens.')
    })
    own.addEventListener('message', ({ data }) => {
      if (socket !== own) return
      delay = FIRST_DELAY_MS
      take(data)
    })
    own.addEventListener('close', ({ code }) => {
      if (isClosed || socket !== own) return
      const why = HUB_CLOSE[code]
      if (isFinalClose(code)) return say('refused', why ?? 'The inspector’s server refused this page.')
      say('cut', `${why ?? 'The connection to the inspector’s server was cut.'} Trying again.`)
      for (const { node } of desk.tracks) desk.gone(node.rootId)
      timer = setTimeout(open, delay)
      delay = Math.min(delay * 2, MAX_DELAY_MS)
    })
  }

  if (address === undefined) say('refused', 'The address of the inspector’s server is not a URL.')
  open()
  return {
    status,
    retry: () => {
      if (socket?.readyState !== WebSocket.OPEN) open()
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

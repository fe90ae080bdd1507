import { HyphaError } from '../../protocol/errors.js'
import { createFeed, type Source } from './feed.js'
import {
  INSPECTOR_BATCH_EVENTS,
  INSPECTOR_PUBLISH_INTERVAL_MS,
  INSPECTOR_REDIAL_FIRST_MS,
  INSPECTOR_REDIAL_MAX_MS,
  MAX_INSPECTOR_MESSAGE_BYTES,
} from './limits.js'
import { openTextSocket, type TextSocket } from './text-socket.js'
import {
  type Hello,
  HUB_CLOSE,
  type HubMessage,
  hubSocketUrl,
  isFinalClose,
  isToken,
  randomToken,
  tokenInFragment,
} from './wire.js'

export interface PublishOptions {
  /** Of the inspector: as it printed it, token and all, or only where it is: `http://127.0.0.1:4280/inspect`. */
  readonly url: string
  /** What follows `#token=` in the URL that the inspector printed: needed where `url` does not have it, and goes before. */
  readonly token?: string
  /** Why nothing arrives: ADDRESS_UNREACHABLE, once until it is there again, or INSPECTOR_REFUSED, for good. */
  onError?(error: HyphaError): void
}

/** Whether nothing more was waiting when it was made. */
const isAllOf = (message: HubMessage): boolean =>
  message.type === 'events' && message.events.length < INSPECTOR_BATCH_EVENTS

/** How long {@link publish}'s stop waits for what has not been sent yet. */
const LEAVING_MS = 1_000
/** A connection that lasted this long was a good one: trying again starts over. */
const STABLE_MS = 5_000

/**
 * Sends what an inspection records to an inspector, which shows it beside other nodes, and goes on until it is stopped: an
 * inspector that went away is tried again, and gets the whole recording anew. Holds back what the inspector doesn't take.
 * @returns what ends it; resolves when the last events have left, or after a second
 * @throws HyphaError OPTION_INVALID
 */
export const publish = (
  inspection: Source,
  { url, token: given, onError = () => {} }: PublishOptions,
): (() => Promise<void>) => {
  const address = hubSocketUrl(url)
  if (address === undefined)
    throw new HyphaError(
      'OPTION_INVALID',
      'url is where an inspector is, as in http://127.0.0.1:4280/inspect.',
    )
  const token = given ?? tokenInFragment(new URL(url).hash)
  if (!isToken(token))
    throw new HyphaError(
      'OPTION_INVALID',
      'token is what follows #token= in the URL that the inspector printed. Give that URL as it is, or the token.',
    )
  const { host } = new URL(address)
  const hello: Hello = { type: 'hello', role: 'publisher', token, publisher: randomToken() }

  let socket: TextSocket | undefined
  let isOpen = false
  /** A message is on its way; until it is taken there is no room for another one. */
  let isSending = false
  let isStopped = false
  let openedAt = 0
  let isTold = false
  let failures = 0
  /** For the next message, the next dial, or giving up: one of them at a time. */
  let timer: ReturnType<typeof setTimeout> | undefined
  let notBefore = 0
  let finish: (() => void) | undefined

  const later = (run: () => void, ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(run, ms)
  }
  const giveUp = (why: string): void => {
    feed.close()
    isStopped = true
    isOpen = false
    clearTimeout(timer)
    socket?.close()
    onError(new HyphaError('INSPECTOR_REFUSED', why))
  }
  const give = (text: string, isAll: boolean): void => {
    isSending = true
    // A long recording is not held back; what is new comes together.
    notBefore = isAll ? performance.now() + INSPECTOR_PUBLISH_INTERVAL_MS : 0
    socket?.send(text, () => {
      isSending = false
      send()
    })
  }
  const send = (): void => {
    if (!isOpen || isSending) return
    const wait = notBefore - performance.now()
    if (wait > 0 && !isStopped) {
      later(send, wait)
      return
    }
    const message = feed.next()
    if (!message) return void finish?.()
    const text = JSON.stringify(message)
    if (text.length <= MAX_INSPECTOR_MESSAGE_BYTES) give(text, isAllOf(message))
    else if (message.type === 'recording') giveUp('What this node does is too much for an inspector to take.')
    else send()
  }
  const feed = createFeed(inspection, () => {
    if (!isStopped) send()
  })

  const closed = (code: number): void => {
    const wasStable = isOpen && performance.now() - openedAt >= STABLE_MS
    isOpen = false
    isSending = false
    if (isStopped) return void finish?.()
    if (isFinalClose(code)) return void giveUp(HUB_CLOSE[code] ?? 'The inspector takes nothing from here.')
    failures = wasStable ? 1 : failures + 1
    if (wasStable) isTold = false
    if (!isTold) {
      isTold = true
      const message = `The inspector at ${host} can't be reached, or has ended; it is tried again until it answers.`
      onError(new HyphaError('ADDRESS_UNREACHABLE', message))
    }
    later(dial, Math.min(INSPECTOR_REDIAL_MAX_MS, INSPECTOR_REDIAL_FIRST_MS * 2 ** (failures - 1)))
  }
  const dial = (): void => {
    socket = openTextSocket(address, {
      opened: () => {
        if (isStopped) return
        isOpen = true
        openedAt = performance.now()
        feed.restart()
        give(JSON.stringify(hello), false)
      },
      closed,
    })
  }
  dial()

  let stopping: Promise<void> | undefined
  return () => {
    stopping ??= new Promise<void>((resolve) => {
      finish = () => {
        finish = undefined
        clearTimeout(timer)
        feed.close()
        socket?.close()
        resolve()
      }
      isStopped = true
      if (!isOpen) {
        socket?.terminate()
        finish()
        return
      }
      later(() => {
        socket?.terminate()
        finish?.()
      }, LEAVING_MS)
      // What happened in this moment has not been told yet.
      setTimeout(send)
    })
    return stopping
  }
}

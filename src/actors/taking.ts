import { utf8 } from '../protocol/bytes.js'
import { SEND_AGAIN_MS, TAKEN_AFTER_BYTES, TAKEN_AFTER_MS } from '../protocol/message-limits.js'

/** Says how much of a link's packs has been taken, so that the other end sends no more than that. */
export interface Taking {
  came(bytes: number): void
  /** Says it now, before the link ends. */
  tell(): void
  stop(): void
}

export const createTaking = (options: {
  /** Sends a hint to the other end. */
  readonly send: (hint: Uint8Array) => void
  /** Whether somebody has to take something first. */
  readonly isHeld?: () => boolean
  readonly setTimeout: (run: () => void, delay: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}): Taking => {
  let taken = 0
  let told = 0
  let timer: unknown

  const tell = () => {
    options.clearTimeout(timer)
    timer = undefined
    if (told === taken) return
    told = taken
    options.send(utf8(JSON.stringify({ taken })))
  }
  const look = () => {
    timer = undefined
    if (options.isHeld?.()) timer = options.setTimeout(look, SEND_AGAIN_MS)
    else tell()
  }
  return {
    came: (bytes) => {
      taken += bytes
      if (taken - told >= TAKEN_AFTER_BYTES && !options.isHeld?.()) tell()
      else timer ??= options.setTimeout(look, TAKEN_AFTER_MS)
    },
    tell,
    stop: () => options.clearTimeout(timer),
  }
}

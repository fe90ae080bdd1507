import type { Duplex } from 'node:stream'

/**
 * Has what one stream gives within a turn written to the other at once: a block is a write of its own, and each write to a
 * socket costs more than what is done for the block. Pipe them after it. Pages have no such sockets.
 */
export const writeTogether = (from: Duplex, to: Duplex): void => {
  if (typeof setImmediate !== 'function') return
  let isHeld = false
  from.on('data', () => {
    if (isHeld) return
    isHeld = true
    to.cork()
    setImmediate(() => {
      isHeld = false
      to.uncork()
    })
  })
}

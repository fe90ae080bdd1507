import type { Duplex } from 'node:stream'
import { concat } from '../protocol/bytes.js'
import { MAX_GREETING_BYTES } from '../protocol/limits.js'

export type Decision<T> = 'more' | { readonly value: T; readonly rest: Uint8Array }

/**
 * Reads from a stream until `decide` has seen enough, then puts back what belongs to the next reader and leaves the stream
 * paused. `onDecided` runs in the same turn, so no byte is lost between two readers.
 * Ends the stream when more than two greetings' worth of bytes decide nothing.
 */
export const readFirstBytes = <T>(
  stream: Duplex,
  decide: (bytes: Uint8Array) => Decision<T>,
  onDecided: (value: T) => void,
): (() => void) => {
  let bytes: Uint8Array = new Uint8Array(0)
  const stop = () => {
    stream.off('data', onData)
    stream.pause()
  }
  const onData = (chunk: Uint8Array) => {
    bytes = concat(bytes, chunk)
    const decision = decide(bytes)
    if (decision === 'more') {
      if (bytes.length > 2 * MAX_GREETING_BYTES) stream.destroy()
      return
    }
    stop()
    if (decision.rest.length > 0) stream.unshift(decision.rest)
    onDecided(decision.value)
  }
  // A stream that an earlier reader left paused does not begin to flow by itself.
  stream.on('data', onData).resume()
  return stop
}

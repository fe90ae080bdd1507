import { fromUtf8 } from './bytes.js'
import { MAX_FEED_LENGTH, MAX_FEEDS_PER_CONNECTION, MAX_KEY_BYTES } from './limits.js'
import { endOfVarint, readVarint, visitFields } from './wire-fields.js'

/** A block of a hyperdb feed after its header: hyperdb's Entry or InflatedEntry, decoded strictly. */
export interface HistoryBlock {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly deleted: boolean
  /** In the order of the feed's list at `inflate`. */
  readonly clock: readonly number[]
  /** The position of the block that lists the feeds. */
  readonly inflate: number
  /** The public keys that this block lists; empty unless it is an InflatedEntry. */
  readonly feeds: readonly Uint8Array[]
}

/** Levels of a trie: 32 for each component of a key, and its end. */
const MAX_TRIE_LEVEL = MAX_KEY_BYTES * 32

/**
 * Whether the trie of an entry is whole and within the limits, which hyperdb's decoder doesn't ask. Where its pointers lead is
 * not looked at.
 */
export const isTrie = (bytes: Uint8Array, start: number, end: number): boolean => {
  let offset = start
  const next = () => {
    const value = readVarint(bytes, offset, end)
    offset = endOfVarint()
    return value
  }
  while (offset < end) {
    const level = next()
    if (level < 0 || level > MAX_TRIE_LEVEL) return false
    let branches = next()
    // Four values of a hash's two bits, and the end of a path.
    if (branches < 0 || branches > 31) return false
    for (; branches > 0; branches >>= 1) {
      if ((branches & 1) === 0) continue
      let more = true
      while (more) {
        const feed = next()
        if (feed < 0 || feed >= 2 * MAX_FEEDS_PER_CONNECTION) return false
        const seq = next()
        if (seq < 0 || seq >= MAX_FEED_LENGTH) return false
        more = feed % 2 === 1
      }
    }
  }
  return true
}

/** Decodes a block. Undefined when no hyperdb writes this. Whether listed keys are points of the curve is the caller's to check. */
export const parseHistoryBlock = (bytes: Uint8Array): HistoryBlock | undefined => {
  let key: string | undefined
  let value: Uint8Array | undefined
  let deleted = false
  let hasTrie = false
  let inflate = -1
  const clock: number[] = []
  const feeds: Uint8Array[] = []

  const ok = visitFields(bytes, 0, bytes.length, (tag, isBytes, number, from, to) => {
    if (tag > 7) return true
    if (isBytes !== (tag === 1 || tag === 2 || tag === 4 || tag === 7)) return false
    switch (tag) {
      case 1:
        if (to - from > MAX_KEY_BYTES) return false
        try {
          key = fromUtf8(bytes.subarray(from, to))
        } catch {
          return false
        }
        return true
      case 2:
        value = bytes.subarray(from, to)
        return true
      case 3:
        deleted = number > 0
        return true
      case 4:
        hasTrie = true
        return isTrie(bytes, from, to)
      case 5:
        clock.push(number)
        return number <= MAX_FEED_LENGTH && clock.length <= MAX_FEEDS_PER_CONNECTION
      case 6:
        inflate = number
        return true
      default: {
        const feed = parseListedFeed(bytes, from, to)
        if (!feed || feeds.length === MAX_FEEDS_PER_CONNECTION) return false
        feeds.push(feed)
        return true
      }
    }
  })
  if (!ok || key === undefined || !hasTrie || inflate < 0) return undefined
  return { key, value, deleted, clock, inflate, feeds }
}

const parseListedFeed = (bytes: Uint8Array, start: number, end: number): Uint8Array | undefined => {
  let key: Uint8Array | undefined
  const ok = visitFields(bytes, start, end, (tag, isBytes, _value, from, to) => {
    if (tag !== 1) return true
    key = bytes.subarray(from, to)
    return isBytes && key.length === 32
  })
  return ok ? key : undefined
}

/** Whether a feed's first block is hyperdb's header. */
export const isHistoryHeader = (bytes: Uint8Array): boolean => {
  let found = false
  const ok = visitFields(bytes, 0, bytes.length, (tag, isBytes, _value, from, to) => {
    if (tag !== 1) return true
    found = isBytes && to - from === 7 && String.fromCharCode(...bytes.subarray(from, to)) === 'hyperdb'
    return found
  })
  return ok && found
}

import { fromHex, utf8 } from './bytes.js'
import { isJsonObject, isTime, ownField, parseJson } from './json.js'
import { MAX_HEARD_MARKS } from './message-limits.js'

const VERSION = 1
export const MAX_STORED_MARKS_BYTES = 32 * 1024

/** Until when each node's messages have been heard, by its own clock: milliseconds since 1970. */
export interface HeardMarks {
  readonly marks: ReadonlyMap<string, number>
  /** Of all nodes that are not among them. */
  readonly others: number
}

export const encodeStoredMarks = ({ marks, others }: HeardMarks): Uint8Array =>
  utf8(JSON.stringify({ v: VERSION, marks: [...marks], others }))

/** Undefined for what is damaged, or of a later version. */
export const decodeStoredMarks = (bytes: Uint8Array): HeardMarks | undefined => {
  const json = parseJson(bytes, { maxBytes: MAX_STORED_MARKS_BYTES })
  if (!isJsonObject(json) || ownField(json, 'v') !== VERSION) return undefined
  const list = ownField(json, 'marks')
  const others = ownField(json, 'others')
  if (!Array.isArray(list) || list.length > MAX_HEARD_MARKS || !isTime(others)) return undefined
  const marks = new Map<string, number>()
  for (const mark of list) {
    const [writer, at] = Array.isArray(mark) ? (mark as unknown[]) : []
    if (typeof writer !== 'string' || !fromHex(writer, 32) || !isTime(at)) return undefined
    marks.set(writer, at)
  }
  return { marks, others }
}

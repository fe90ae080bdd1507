import type { SmallRecord } from '../adapters/storage/small-record.js'
import { HEARD_AHEAD_MS, MAX_HEARD_MARKS, MAX_UNMARKED_FRAMES } from '../protocol/message-limits.js'
import { decodeStoredMarks, encodeStoredMarks } from '../protocol/stored-marks.js'

/**
 * Until when the messages of each node have been heard, by that node's own clock, beyond the life of the process. What is not later
 * was heard before a restart, or missed, and is not delivered again. The mark is stored before a message is delivered, and a second
 * ahead, so that a process which is killed has delivered nothing beyond it, and few messages cost a write.
 */
export interface Heard {
  /** False for what is not later than the mark of last time. Else `deliver` runs: at once, or when the mark is stored. */
  pass(from: string, t: number, deliver: () => void): boolean
  /** Reads what the storage remembers. */
  recall(): Promise<void>
  /** Stores how far it came, not a second ahead. */
  close(): Promise<void>
  /** Which nodes keep their mark when there are too many. */
  isAdmitted: (writer: string) => boolean
}

export const createHeard = (record: SmallRecord, report: (error: unknown) => void): Heard => {
  /** Of the run before. */
  let floor = { marks: new Map<string, number>() as ReadonlyMap<string, number>, others: 0 }
  /** Of this one; who was heard last is at the end. */
  const newest = new Map<string, number>()
  let others = 0
  /** What is stored, or about to be. */
  const covered = new Map<string, number>()
  const waiting: (() => void)[] = []
  let isStoring = false
  let isDirty = false

  const makeRoom = () => {
    if (newest.size <= MAX_HEARD_MARKS) return
    const strangers = [...newest.keys()].find((writer) => !heard.isAdmitted(writer))
    const gone = strangers ?? newest.keys().next().value ?? ''
    others = Math.max(others, newest.get(gone) ?? 0)
    newest.delete(gone)
    covered.delete(gone)
  }
  const marks = (ahead: number) => {
    const all = new Map(newest)
    for (const [writer, at] of all) all.set(writer, at + ahead)
    return { marks: all, others: others > 0 ? others + ahead : 0 }
  }

  const store = async (): Promise<void> => {
    if (isStoring) return
    isStoring = true
    while (isDirty) {
      isDirty = false
      const ready = waiting.length
      let stored: ReadonlyMap<string, number> = new Map()
      await record
        .keep(() => {
          const all = marks(HEARD_AHEAD_MS)
          stored = all.marks
          return encodeStoredMarks(all)
        })
        // It is told, and what was said is delivered all the same.
        .catch(report)
      for (const [writer, at] of stored) covered.set(writer, at)
      for (const deliver of waiting.splice(0, ready)) deliver()
    }
    isStoring = false
  }

  const heard: Heard = {
    isAdmitted: () => false,
    pass: (from, t, deliver) => {
      if (t <= (floor.marks.get(from) ?? floor.others)) return false
      const last = newest.get(from) ?? 0
      newest.delete(from)
      newest.set(from, Math.max(last, t))
      makeRoom()
      const until = covered.get(from) ?? 0
      // Sooner than it is needed: what comes in between need not wait.
      if (t > until - HEARD_AHEAD_MS / 2) isDirty = true
      if (t <= until && waiting.length === 0) deliver()
      else if (waiting.length < MAX_UNMARKED_FRAMES) waiting.push(deliver)
      else for (const first of [...waiting.splice(0), deliver]) first()
      if (isDirty) void store()
      return true
    },
    recall: async () => {
      const bytes = await record.recall()
      const stored = bytes && decodeStoredMarks(bytes)
      if (!stored) return
      floor = { marks: stored.marks, others: stored.others }
      // Whoever is not heard this time keeps its mark.
      for (const [writer, at] of stored.marks) newest.set(writer, at)
      others = stored.others
    },
    close: async () => {
      for (const deliver of waiting.splice(0)) deliver()
      isDirty = false
      covered.clear()
      if (newest.size > 0) await record.keep(() => encodeStoredMarks(marks(0))).catch(report)
    },
  }
  return heard
}

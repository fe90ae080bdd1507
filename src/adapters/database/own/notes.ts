import type { Feed } from 'hypercore'
import { promised } from '../promised.js'
import { treeHashAt } from './heads.js'
import type { OwnRecordKeeper } from './record.js'

/** What can't be stored is tried again after this. */
const COVER_AGAIN_MS = 500
/** How long the feed is, is stored at the latest so long after it grew, though nobody heard of it. */
const NOTE_MS = 1_000

/** Stores how long the own feed is, so that one that went back in time is known as such. */
export interface LengthNotes {
  /** Stores that peers may have heard of so many blocks. */
  cover(length: number): Promise<void>
  /** Resolves when what is under way is stored, and the last length. */
  close(): Promise<void>
}

export const createLengthNotes = (about: {
  readonly record: OwnRecordKeeper
  readonly local: Feed
  isMending(): boolean
  report(error: unknown): void
}): LengthNotes => {
  const { record, local, isMending, report } = about
  let isClosed = false
  let covered = record.current.announced
  let wanted = covered
  let covering: Promise<void> | undefined
  let noting: ReturnType<typeof setTimeout> | undefined

  const note = async (announced: number): Promise<void> => {
    const root = (await treeHashAt(local, announced)) ?? new Uint8Array(0)
    await record.update({ length: announced, announced, root })
    covered = announced
  }
  /** Nobody has heard of it, and yet a feed that is shorter next time has lost something. */
  const noteLength = async () => {
    noting = undefined
    const { length } = local
    if (isMending() || length <= record.current.length) return
    await promised<void>((callback) => local._sync(null, callback))
    const root = (await treeHashAt(local, length)) ?? new Uint8Array(0)
    if (length > record.current.length) await record.update({ length, root })
  }
  local.on('append', () => {
    noting ??= setTimeout(() => noteLength().catch(report), NOTE_MS)
  })

  return {
    async cover(length) {
      wanted = Math.max(wanted, length)
      let isRepeated = false
      while (covered < length && !isClosed) {
        covering ??= note(wanted).finally(() => {
          covering = undefined
        })
        try {
          await covering
        } catch (error) {
          // A disk that is full for a moment: nobody hears of these blocks before it has room again.
          if (isRepeated) report(error)
          isRepeated = true
          await new Promise((resolve) => setTimeout(resolve, COVER_AGAIN_MS))
        }
      }
      if (covered < length) throw new Error('It was closed before that')
    },
    async close() {
      isClosed = true
      clearTimeout(noting)
      await covering?.catch(() => {})
      await noteLength().catch(report)
    },
  }
}

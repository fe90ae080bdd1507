import type { HistoryEntry } from '../adapters/database/database.js'
import type { Change, Decode, Folded, Version } from './types.js'
import { createView, type View } from './view.js'

/** The view of a hypha whose history may come again from its beginning: what was read before is answered until it has come. */
export interface Views {
  readonly view: View
  /** @param known {@link HistoryEntry.feed} → writer key @param own this node's */
  fold(entries: readonly HistoryEntry[], known: readonly string[], own: string): Folded
  /** History comes anew from here on. Resolves when the new view has taken the place of the one before. */
  anew(isAllHere: Promise<void>): Promise<void>
}

const NOTHING: Folded = { changes: [], nodesChanged: false }

/** Whether both are the same put: one that was written again is. */
const isSame = (one: Version | undefined, other: Version | undefined): boolean =>
  one?.author === other?.author && one?.time === other?.time && one?.public === other?.public

/** What a name reads as in `after`, for each that read otherwise before, conflicts included. */
export const difference = (before: View, after: View): Change[] => {
  const changes: Change[] = []
  const tell = (name: string, version: Version | undefined) => {
    const [were, are] = [before.getAll(name), after.getAll(name)]
    if (were.length === are.length && were.every((one, i) => isSame(one, are[i]))) return
    changes.push({
      name,
      get value() {
        return version?.value
      },
      deleted: !version,
      version,
      ...(are.length > 1 ? { conflict: true } : {}),
    })
  }
  for (const [name] of before.entries()) if (!after.has(name)) tell(name, undefined)
  for (const [name, version] of after.entries()) tell(name, version)
  return changes
}

/** @param onChanges hears of what differs once history has come anew */
export const createViews = (decode: Decode, onChanges: (changes: readonly Change[]) => void): Views => {
  let ownWriter = ''
  const create = () => {
    const feeds: string[] = []
    return { feeds, view: createView({ feeds, decode, isOwn: (writer) => writer === ownWriter }) }
  }
  let current = create()
  let next: typeof current | undefined

  return {
    view: {
      fold: (entries) => current.view.fold(entries),
      get: (name) => current.view.get(name),
      getAll: (name) => current.view.getAll(name),
      has: (name) => current.view.has(name),
      get size() {
        return current.view.size
      },
      entries: (prefix) => current.view.entries(prefix),
      nodes: () => current.view.nodes(),
      isOlder: (...asked) => current.view.isOlder(...asked),
      isAdmitted: (writerKey) => current.view.isAdmitted(writerKey),
      uncounted: () => current.view.uncounted(),
    },
    fold(entries, known, own) {
      ownWriter = own
      const { feeds, view } = next ?? current
      for (let i = feeds.length; i < known.length; i++) feeds.push(known[i] as string)
      const folded = view.fold(entries)
      return next ? NOTHING : folded
    },
    async anew(isAllHere) {
      const coming = create()
      next = coming
      await isAllHere
      if (next !== coming) return
      const before = current.view
      current = coming
      next = undefined
      onChanges(difference(before, current.view))
    },
  }
}

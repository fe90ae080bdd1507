import type { Desk } from './desk.js'
import { kinOf, nameOf } from './lineage.js'
import type { Item } from './track.js'
import { itemInWords, type Kind, kindOf } from './words.js'

export interface Filter {
  readonly kinds: ReadonlySet<Kind>
  /** Words, all of which have to be there; lower case. */
  readonly words: readonly string[]
  /** Root ids of nodes that are left out. */
  readonly hidden: ReadonlySet<string>
  /** Only what this actor does and is told. */
  readonly actor?: { readonly rootId: string; readonly id: string } | undefined
}

/** What is searched of an item: names, what happened, and what rides on it. */
const textOf = (item: Item): string => {
  const { event, track } = item
  const { name, source } = kinOf(item)
  const parts = [track.node.name, name, source, itemInWords(item)]
  if (event.type === '@xstate.event') {
    parts.push(nameOf(track, event.sourceId) ?? '', JSON.stringify(event.event))
  }
  if (event.type === '@xstate.snapshot') parts.push(event.event.type)
  if (event.type === 'hypha.message') parts.push(event.frame, event.request ?? '')
  return parts.join(' ').toLowerCase()
}

export const passes = (filter: Filter, item: Item): boolean => {
  const { event, track } = item
  if (!filter.kinds.has(kindOf(event)) || filter.hidden.has(track.node.rootId)) return false
  if (filter.actor) {
    const { rootId, id } = filter.actor
    if (track.node.rootId !== rootId) return false
    if (event.sessionId !== id && !(event.type === '@xstate.event' && event.sourceId === id)) return false
  }
  if (filter.words.length === 0) return true
  const text = textOf(item)
  return filter.words.every((word) => text.includes(word))
}

export const wordsIn = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean)

/** The part of a desk's order that something chooses. Asked again it looks only at what came since, or stands elsewhere. */
export interface Selection<Chosen> {
  get(): readonly Chosen[]
}

export const createSelection = <Chosen>(
  desk: Desk,
  choose: (item: Item) => Chosen | undefined,
): Selection<Chosen> => {
  let chosen: Chosen[] = []
  /** Where each of them stands. */
  let places: number[] = []
  let era = -1
  let next = 0
  return {
    get: () => {
      if (desk.era !== era) {
        // Events of two nodes come in turns, each a little late: nearly all stays where it is.
        next = Math.min(next, desk.firmSince(era))
        const firm = places.findLastIndex((place) => place < next) + 1
        chosen = chosen.slice(0, firm)
        places = places.slice(0, firm)
        era = desk.era
      }
      for (; next < desk.order.length; next++) {
        const found = choose(desk.order[next]!)
        if (found === undefined) continue
        chosen.push(found)
        places.push(next)
      }
      return chosen
    },
  }
}

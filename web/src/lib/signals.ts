import type { HyphaNode } from 'hypha-runtime'
import { createValue, type Readable } from './value.js'

/** Something that the node told, for whoever wants to see it work. */
export interface Signal {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

const MAX_SIGNALS = 12
/** Entries that change within this are one signal. */
const TOGETHER_MS = 100

/** The last signals of a node, newest first. Nothing of an entry or a message is in them. */
export const createSignals = (node: HyphaNode): Readable<readonly Signal[]> => {
  const list = createValue<readonly Signal[]>([])
  let count = 0
  const add = (text: string) => {
    list.set([{ id: count++, at: Date.now(), text }, ...list.getSnapshot()].slice(0, MAX_SIGNALS))
  }
  let state = node.state
  node.subscribe(() => {
    if (node.state === state) return
    state = node.state
    add(`state: ${state}`)
  })
  node.on('peer-connected', ({ transport }) => add(`peer-connected: ${transport}`))
  node.on('peer-disconnected', ({ transport }) => add(`peer-disconnected: ${transport}`))
  node.on('synced', ({ folded }) => add(`synced: ${folded} blocks`))
  node.on('authorisation-requested', () => add('authorisation-requested'))
  node.on('authorised', () => add('authorised'))
  node.on('message', () => add('message'))
  node.on('error', ({ code }) => add(`error: ${code}`))
  let changed = 0
  node.watch('', () => {
    if (changed++ > 0) return
    setTimeout(() => {
      add(`change: ${changed} ${changed === 1 ? 'entry' : 'entries'}`)
      changed = 0
    }, TOGETHER_MS)
  })
  return list
}

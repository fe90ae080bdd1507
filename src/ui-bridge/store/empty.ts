import type { NodeSnapshot } from '../../api.js'
import { NO_ENTRIES } from './entry-list.js'

const nothing = Object.freeze([])

/** What is to be shown before there is a node: while a server renders, and in the page until that has been taken over. */
export const EMPTY_SNAPSHOT: NodeSnapshot = Object.freeze({
  state: 'opening',
  name: '',
  hyphalink: undefined,
  writerKey: undefined,
  request: undefined,
  requestsWaiting: 0,
  requests: nothing,
  nodes: nothing,
  notices: nothing,
  peers: nothing,
  transports: nothing,
  sync: Object.freeze({ folded: 0, known: 0, percent: 0, complete: false, writers: nothing, rate: 0 }),
  heldBy: 0,
  mending: undefined,
  problem: undefined,
})

export { NO_ENTRIES }

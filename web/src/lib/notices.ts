import type { HyphaNode } from 'hypha-runtime'
import { type Explanation, explain } from './explain.js'
import { createValue, type Readable } from './value.js'

/** What a connection proves to be over. */
const OF_THE_ROAD = new Set([
  'ADDRESS_UNREACHABLE',
  'NOT_HOSTED',
  'CLAIM_REFUSED',
  'CLAIM_INSECURE',
  'PEER_TIMED_OUT',
])
/** What one peer did, and nothing needs to be done about; and what the road's own line says. */
const PASSING = new Set(['PEER_MISBEHAVED', 'PEER_TIMED_OUT', 'DIRECT_LINK_FAILED', 'DIRECT_LINK_REFUSED'])

export interface Notices extends Readable<readonly Explanation[]> {
  dismiss(code: string): void
  add(notice: Explanation): void
}

/** What a node reported and nobody has dismissed: the last of each kind. */
export const createNotices = (node: HyphaNode): Notices => {
  const list = createValue<readonly Explanation[]>([])
  const without = (unwanted: (code: string) => boolean) =>
    list.set(list.getSnapshot().filter(({ code }) => !unwanted(code)))
  const add = (notice: Explanation) => {
    list.set([...list.getSnapshot().filter(({ code }) => code !== notice.code), notice])
  }
  node.on('error', (error) => {
    if (!PASSING.has(error.code)) add(explain(error))
  })
  node.on('peer-connected', () => without((code) => OF_THE_ROAD.has(code)))
  return { ...list, add, dismiss: (code) => without((other) => other === code) }
}

import type { ToldMemory } from '../adapters/storage/told-memory.js'
import type { AdmittedDevice } from '../api.js'
import { NAMELESS } from '../protocol/node-name.js'
import type { ToldDevice } from '../protocol/told-devices.js'
import type { NodeInfo } from '../view/types.js'
import type { View } from '../view/view.js'
import type { SyncMeter } from './sync.js'

/**
 * Devices that others let in, for this node's person to hear of: whoever has one of the person's devices can let in more, and
 * must not be able to do so unseen.
 */
export interface Notices {
  /** Those that nobody has dismissed, in the order in which they were learnt of. */
  read(): readonly AdmittedDevice[]
  /** Resolves when it will be known after a restart too. */
  dismiss(writerKey: string): Promise<void>
  /** Who may write has changed, or sync has moved. */
  look(): void
  /** Resolves when nothing is being stored. */
  settled(): Promise<unknown>
}

export interface NoticesOptions {
  readonly view: Pick<View, 'nodes' | 'isAdmitted' | 'isOlder'>
  readonly localWriter: string
  readonly memory: ToldMemory
  readonly sync: Pick<SyncMeter, 'isComplete' | 'read'>
  tell(device: AdmittedDevice): void
  changed(): void
  report(error: unknown): void
}

/**
 * What is news: for a node that may write, each device that was not known to whoever let this node in. A node that may not write
 * yet takes for old what is there when it first has everything. So nobody is told of old admissions at the first sign-in, and one
 * that was away hears of those that it missed.
 */
export const createNotices = (options: NoticesOptions): Notices => {
  const { view, localWriter, memory, sync } = options
  const { told } = memory
  const known = new Map<string, boolean>()
  // Where the record is damaged, what is here is told again: better twice than not at all.
  let isSettled = told === 'damaged' || told?.isSettled === true
  if (told && told !== 'damaged') {
    for (const { writerKey, isNotice } of told.devices) known.set(writerKey, isNotice)
  } else if (!told) {
    for (const { writerKey } of view.nodes()) known.set(writerKey, false)
  }
  const wasHere = known.size > 0

  /**
   * Whether the history that was there before this node is here. Of a device without a single block one can't tell whether it
   * wrote nothing or is still to come; when the node is opened again it has had its time.
   */
  const hasHistory = (): boolean =>
    view.isAdmitted(localWriter) ||
    (sync.isComplete() && (wasHere || sync.read().writers.every(({ blocks }) => blocks.known > 0)))

  const isOld = (writerKey: string): boolean =>
    view.isAdmitted(localWriter) ? view.isOlder(writerKey, localWriter) : !isSettled

  const isNews = ({ writerKey, authorisedBy }: NodeInfo, nodes: readonly NodeInfo[]): boolean =>
    writerKey !== localWriter &&
    authorisedBy !== localWriter &&
    // The founding writer was let in by nobody.
    nodes.some((node) => node.writerKey === authorisedBy) &&
    !isOld(writerKey)

  const describe = (node: NodeInfo, nodes: readonly NodeInfo[]): AdmittedDevice =>
    Object.freeze({
      writerKey: node.writerKey,
      name: node.name ?? NAMELESS,
      authorisedBy: node.authorisedBy,
      authorisedByName: nodes.find(({ writerKey }) => writerKey === node.authorisedBy)?.name ?? NAMELESS,
      at: node.authorisedAt ?? 0,
    })

  const keep = (): Promise<void> =>
    memory.keep(() => ({
      isSettled,
      devices: [...known].map(([writerKey, isNotice]): ToldDevice => ({ writerKey, isNotice })),
    }))

  return {
    read() {
      const nodes = view.nodes()
      return Object.freeze(
        [...known].flatMap(([writerKey, isNotice]) => {
          // One that was shown before this node was let in may turn out to be older than that.
          const node = isNotice && !isOld(writerKey) && nodes.find((other) => other.writerKey === writerKey)
          return node ? [describe(node, nodes)] : []
        }),
      )
    },

    async dismiss(writerKey) {
      if (!known.get(writerKey)) return
      known.set(writerKey, false)
      options.changed()
      await keep()
    },

    look() {
      const nodes = view.nodes()
      const news: NodeInfo[] = []
      let hasChanged = false
      for (const node of nodes) {
        if (known.has(node.writerKey)) continue
        const isNotice = isNews(node, nodes)
        known.set(node.writerKey, isNotice)
        if (isNotice) news.push(node)
        hasChanged = true
      }
      if (!isSettled && hasHistory()) {
        isSettled = true
        hasChanged = true
      }
      if (!hasChanged) return
      keep().catch(options.report)
      if (news.length === 0) return
      options.changed()
      for (const node of news) options.tell(describe(node, nodes))
    },

    settled: memory.settled,
  }
}

import type { InspectorEvent, Recording } from '../src/ui-bridge/inspector/events.js'
import type { HubMessage } from '../src/ui-bridge/inspector/wire.js'

/** What a viewer has of one node. */
export interface Collected {
  readonly recording: Recording
  /** Whether its publisher is no longer there. */
  readonly isGone: boolean
}

export interface Collection {
  /** Takes a message in. False when it is about a node of which no recording came: a hub of ours never sends that. */
  take(message: HubMessage): boolean
  /** By root id, in the order in which they came. The recordings' `events` grow in place. */
  readonly nodes: ReadonlyMap<string, Collected>
  recordings(): Recording[]
}

/** Puts together what a hub sends: a recording for each node. */
export const createCollection = (): Collection => {
  const nodes = new Map<
    string,
    { recording: Recording & { readonly events: InspectorEvent[] }; isGone: boolean }
  >()
  return {
    nodes,
    take: (message) => {
      if (message.type === 'recording') {
        const { recording } = message
        nodes.set(recording.node.rootId, {
          recording: { ...recording, events: [...recording.events] },
          isGone: false,
        })
        return true
      }
      const known = nodes.get(message.rootId)
      if (!known) return false
      if (message.type === 'gone') known.isGone = true
      else for (const event of message.events) known.recording.events.push(event)
      return true
    },
    recordings: () =>
      [...nodes.values()].map(({ recording }) => ({ ...recording, events: [...recording.events] })),
  }
}

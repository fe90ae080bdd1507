import type { InspectorEvent, Recording, TakenTransition } from '../../src/ui-bridge/inspector/events.js'

/** Recordings made by hand: what real ones have, with times and names as a test wants them. */
export const makeNode = (rootId: string, name = rootId) => {
  let id = 0
  const base = (sessionId: string, at: number) => ({
    rootId,
    sessionId,
    createdAt: String(at),
    id: String(++id),
    _version: '1',
  })
  return {
    rootId,
    born: (sessionId: string, at: number, source = 'peer', parentId?: string): InspectorEvent => ({
      ...base(sessionId, at),
      type: '@xstate.actor',
      name: `${source}:${sessionId}`,
      source,
      parentId,
      definition: undefined,
      snapshot: { status: 'active', value: 'begun' },
    }),
    dead: (sessionId: string, at: number): InspectorEvent => ({
      ...base(sessionId, at),
      type: 'hypha.death',
    }),
    told: (sessionId: string, at: number, type: string, sourceId?: string): InspectorEvent => ({
      ...base(sessionId, at),
      type: '@xstate.event',
      event: { type },
      sourceId,
    }),
    is: (
      sessionId: string,
      at: number,
      value: unknown,
      transitions: readonly TakenTransition[] = [
        { source: 'begun', event: 'go', index: 0, targets: [String(value)] },
      ],
    ): InspectorEvent => ({
      ...base(sessionId, at),
      type: '@xstate.snapshot',
      event: { type: 'go' },
      snapshot: { status: 'active', value, context: { at } },
      transitions,
    }),
    recording: (events: readonly InspectorEvent[]): Recording => ({
      node: { rootId, name, kind: 'node' },
      before: [],
      events,
      dropped: 0,
    }),
  }
}

/** Runs at once what a page would do at its next frame. */
export const atOnce = (run: () => void): void => run()

/** A long recording: actors that come and go, and move in between. */
export const makeLong = (rootId: string, count: number): Recording => {
  const node = makeNode(rootId)
  const events: InspectorEvent[] = [node.born(rootId, 0, 'node')]
  for (let index = 1; events.length < count; index++) {
    const actor = `a${index % 40}`
    const at = index * 3
    if (index % 40 === index) events.push(node.born(actor, at, 'peer', rootId))
    events.push(node.told(actor, at, 'go', rootId))
    events.push(node.is(actor, at + 1, `state${index % 7}`))
    if (index % 120 === 119) {
      events.push(node.dead(actor, at + 2))
      events.push(node.born(actor, at + 2, 'peer', rootId))
    }
  }
  return node.recording(events.slice(0, count))
}

/** What tests of the inspector look with. */
import { expect } from 'vitest'
import type { AnyActorRef } from 'xstate'
import { INSPECTABLE, type Inspectable, observeSystem } from '../../../src/actors/tracing.js'
import type { HyphaNode } from '../../../src/index.js'
import {
  createTimeline,
  type Inspection,
  type InspectOptions,
  type InspectorEvent,
  inspect,
  type Recording,
} from '../../../src/ui-bridge/inspector/index.js'

/** Whether anybody is registered with an actor's system: with nobody, XState doesn't even look at what it would tell. */
export const isObserved = ({ system }: AnyActorRef): boolean => {
  let isRead = false
  const event = new Proxy(
    { type: '@xstate.none' },
    {
      ownKeys: (target) => {
        isRead = true
        return Reflect.ownKeys(target)
      },
    },
  )
  const tell: unknown = Reflect.get(system, '_sendInspectionEvent')
  if (typeof tell !== 'function') throw new Error('XState has another way to tell its inspectors.')
  Reflect.apply(tell, system, [event])
  return isRead
}

/** Inspects any machine, as if it was a node's. */
export const inspectActor = (actor: AnyActorRef, options?: InspectOptions): Inspection => {
  const inspectable: Inspectable = {
    version: 1,
    id: '00000000',
    kind: 'node',
    name: 'an actor',
    observe: (observer) => observeSystem(actor, observer),
  }
  return inspect({ [INSPECTABLE]: inspectable }, options)
}

/** All events of a recording, in their order. */
export const allOf = ({ before, events }: Recording): InspectorEvent[] => [...before, ...events]

/** Resolves when it holds, looked at whenever something is told. */
export const told = async (
  inspection: Inspection,
  holds: (recording: Recording) => unknown,
): Promise<void> => {
  if (holds(inspection.recording())) return
  await new Promise<void>((resolve) => {
    const stop = inspection.subscribe(() => {
      if (!holds(inspection.recording())) return
      stop()
      resolve()
    })
  })
}

/** Names of actors, by the way to them from the root: `node/peer:1/messaging`. */
const pathsOf = (name: string, actor: AnyActorRef, path = name): string[] => {
  const children: unknown = Reflect.get(actor.getSnapshot(), 'children')
  const living = Object.values(typeof children === 'object' && children ? children : {}).filter(
    (child: AnyActorRef) => child.getSnapshot().status === 'active',
  )
  return [path, ...living.flatMap((child: AnyActorRef) => pathsOf(child.id, child, `${path}/${child.id}`))]
}

/** Those that live now, as XState has them. */
export const livingOf = (name: string, actor: AnyActorRef): string[] =>
  actor.getSnapshot().status === 'active' ? pathsOf(name, actor).sort() : []

/** Those that live at the end of a recording. */
export const recordedLiving = (recording: Recording): string[] => {
  const { actors } = createTimeline(recording).at(Number.POSITIVE_INFINITY)
  const pathOf = (sessionId: string): string => {
    const actor = actors.get(sessionId)
    if (!actor) return '?'
    return actor.parentId === undefined ? actor.name : `${pathOf(actor.parentId)}/${actor.name}`
  }
  return [...actors.values()]
    .filter(({ diedAt }) => diedAt === undefined)
    .map(({ sessionId }) => pathOf(sessionId))
    .sort()
}

export const expectSameLiving = (node: HyphaNode, inspection: Inspection): void =>
  expect(recordedLiving(inspection.recording())).toEqual(livingOf('node', node.actor))

/** What is true of every recording: lives are told in order, and nothing of the dead. */
export const expectSound = (recording: Recording): void => {
  const born = new Set<string>()
  const dead = new Set<string>()
  let last = recording.dropped > 0 ? Number(recording.events[0]?.id) - 1 : 0
  let time = 0
  for (const event of allOf(recording)) {
    expect(event.rootId).toBe(recording.node.rootId)
    if (recording.dropped === 0 || recording.events.includes(event)) expect(Number(event.id)).toBe(++last)
    expect(Number(event.createdAt)).toBeGreaterThanOrEqual(recording.dropped === 0 ? time : 0)
    time = Number(event.createdAt)
    if (event.type === '@xstate.actor') {
      expect(born, event.name).not.toContain(event.sessionId)
      if (event.parentId !== undefined) expect(born, event.name).toContain(event.parentId)
      born.add(event.sessionId)
      continue
    }
    expect(born).toContain(event.sessionId)
    expect(dead, JSON.stringify(event)).not.toContain(event.sessionId)
    if (event.type === 'hypha.death') dead.add(event.sessionId)
  }
}

/** A line for each event: `node ← signUp`, `peer:1 † `, to be read. */
export const linesOf = (recording: Recording): string[] => {
  const names = new Map<string, string>()
  return allOf(recording).map((event) => {
    if (event.type === '@xstate.actor') names.set(event.sessionId, event.name)
    const name = names.get(event.sessionId) ?? event.sessionId
    switch (event.type) {
      case '@xstate.actor':
        return `${name} is born`
      case '@xstate.event':
        return `${name} ← ${event.event.type}`
      case '@xstate.snapshot':
        return `${name} is ${JSON.stringify(event.snapshot.value ?? event.snapshot.status)}`
      case 'hypha.death':
        return `${name} dies`
      default:
        return `${name} ${event.what} ${event.kind ?? 'something'}`
    }
  })
}

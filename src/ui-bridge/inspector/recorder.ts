import type { InspectionEvent } from 'xstate'
import type { MessageTrace, NodeObserver } from '../../actors/tracing.js'
import { showEvent } from './allow-list.js'
import { nameTransition } from './definition.js'
import {
  type ActorEvent,
  type InspectorEvent,
  MESSAGE_KINDS,
  type MessageEvent,
  type ShownEvent,
  type ShownSnapshot,
} from './events.js'
import { name as showName } from './show.js'
import { stamp } from './stamp.js'
import { childrenOf, showSnapshot, snapshotOf, statusOf, type Tracked, track } from './tracked.js'

export interface RecorderOptions {
  /** Stands before XState's session ids, which are the same in every process. */
  readonly prefix: string
  /** What an always-on node's connections, each with a system of its own, are the children of. */
  readonly root?: { readonly name: string } | undefined
  /** An actor that was there when the inspection began. */
  begin(event: ActorEvent): void
  add(event: InspectorEvent): void
}

/** Transitions between two snapshots of an actor; more than that is a machine that goes round and round. */
const MAX_TRANSITIONS = 64
const VERSION = '1'
const INIT: ShownEvent = Object.freeze({ type: 'xstate.init' })

/** Turns what XState and the traces of messages tell into events for inspectors. */
export const createRecorder = ({ prefix, root, begin, add }: RecorderOptions) => {
  const seen = new WeakMap<object, Tracked>()
  /** Transitions of those that are still being made, on their way to their first state. */
  const unborn = new WeakMap<object, object[]>()
  const alive = new Set<Tracked>()
  /** Peers by the link that they work on. */
  const links = new Map<string, Tracked>()
  let count = 0
  let isBeginning = true

  const rootId = (): string => top?.sessionId ?? prefix
  const nextId = (): string => String(++count)

  /** What every event has. The two that come by far the most spell it out: spreading it takes twice as long as the rest. */
  const base = (sessionId: string) => ({
    rootId: rootId(),
    sessionId,
    createdAt: stamp(),
    id: nextId(),
    _version: VERSION,
  })

  const tellBirth = (
    actor: Pick<Tracked, 'sessionId' | 'name' | 'definition' | 'parent' | 'source'>,
    snapshot: ShownSnapshot,
  ) => {
    const { sessionId, name, definition, parent, source } = actor
    const event: ActorEvent = Object.freeze({
      ...base(sessionId),
      type: '@xstate.actor',
      name,
      snapshot,
      definition,
      parentId: parent?.sessionId,
      source,
    })
    if (isBeginning) begin(event)
    else add(event)
  }

  const sessionOf = (ref: object): string => `${prefix}:${String(Reflect.get(ref, 'sessionId'))}`

  const enter = (actor: Tracked): void => {
    seen.set(actor.ref, actor)
    alive.add(actor)
    actor.parent?.children.add(actor)
  }

  /** The always-on node itself, or the node's root once it is known. */
  let top: Tracked | undefined
  if (root) {
    const ref = {}
    top = {
      ...track(ref, `${prefix}:${root.name}`, undefined),
      name: root.name,
      source: root.name,
      isStarted: true,
    }
    enter(top)
    tellBirth(top, Object.freeze({ status: 'active' }))
  }

  const bear = (ref: object): Tracked => {
    const above: unknown = Reflect.get(ref, '_parent')
    const parent =
      typeof above === 'object' && above !== null ? (seen.get(above) ?? bear(above)) : root ? top : undefined
    const actor = track(ref, sessionOf(ref), parent)
    top ??= actor
    enter(actor)
    const snapshot = snapshotOf(ref)
    for (const definition of unborn.get(ref) ?? []) actor.transitions.push(nameTransition(definition))
    unborn.delete(ref)
    tellBirth(actor, showSnapshot(snapshot, actor))
    if (actor.source === 'peer') {
      const { linkId } = actor.last?.shown.context ?? {}
      if (typeof linkId === 'string') links.set(linkId, actor)
    }
    return actor
  }

  /** Those that are there already, from the root down. */
  const walk = (ref: object): void => {
    const snapshot = snapshotOf(ref)
    if (statusOf(snapshot) !== 'active') return
    if (!seen.has(ref)) bear(ref).isStarted = true
    for (const child of childrenOf(snapshot)) walk(child)
  }

  const bury = (actor: Tracked): void => {
    if (actor.isDead) return
    actor.isDead = true
    actor.transitions = []
    alive.delete(actor)
    actor.parent?.children.delete(actor)
    const { linkId } = actor.last?.shown.context ?? {}
    if (typeof linkId === 'string' && links.get(linkId) === actor) links.delete(linkId)
    add(Object.freeze({ ...base(actor.sessionId), type: 'hypha.death' }))
  }

  const tellSnapshot = (actor: Tracked, snapshot: object, event: ShownEvent): void => {
    const { transitions, sessionId } = actor
    actor.transitions = []
    add(
      Object.freeze({
        rootId: rootId(),
        sessionId,
        createdAt: stamp(),
        id: nextId(),
        _version: VERSION,
        type: '@xstate.snapshot',
        event,
        snapshot: showSnapshot(snapshot, actor),
        transitions: Object.freeze(transitions),
      }),
    )
  }

  /** An actor has ended: its last snapshot first, unless that is told already. */
  const end = (actor: Tracked): void => {
    const snapshot = snapshotOf(actor.ref)
    if (actor.isDead || statusOf(snapshot) === 'active') return
    if (snapshot && actor.last?.raw !== snapshot) tellSnapshot(actor, snapshot, actor.event ?? INIT)
    bury(actor)
  }

  /**
   * Children that are gone without a word: XState says nothing of one that is stopped before it started, nor of one whose
   * machine threw.
   */
  const lookAfterChildren = (parent: Tracked, snapshot: object): void => {
    if (parent.children.size === 0) return
    const present = new Set(childrenOf(snapshot))
    for (const child of [...parent.children]) {
      if (present.has(child.ref)) continue
      end(child)
      if (!child.isStarted) bury(child)
    }
  }

  const observers: {
    [Type in InspectionEvent['type']]?: (event: Extract<InspectionEvent, { type: Type }>) => void
  } = {
    '@xstate.actor': ({ actorRef }) => void unborn.set(actorRef, []),
    '@xstate.microstep': ({ actorRef, _transitions }) => {
      const actor = seen.get(actorRef)
      const waiting = actor ? actor.transitions : unborn.get(actorRef)
      for (const definition of _transitions) {
        if (!waiting || waiting.length >= MAX_TRANSITIONS) break
        if (actor) actor.transitions.push(nameTransition(definition))
        else waiting.push(definition)
      }
    },
    '@xstate.event': ({ actorRef, sourceRef, event }) => {
      const source = sourceRef && seen.get(sourceRef)
      const { type } = event
      // Its parent hears of its end before anybody hears of its last snapshot.
      if (source && source.ref !== actorRef) end(source)
      const target = seen.get(actorRef) ?? bear(actorRef)
      // Whoever sends to the dead is heard by nobody.
      if (target.isDead) return
      if (type === 'xstate.init') target.isStarted = true
      target.event = showEvent(event, source?.source)
      add(
        Object.freeze({
          rootId: rootId(),
          sessionId: target.sessionId,
          createdAt: stamp(),
          id: nextId(),
          _version: VERSION,
          type: '@xstate.event',
          event: target.event,
          sourceId: source?.sessionId,
        }),
      )
    },
    '@xstate.snapshot': ({ actorRef, event, snapshot }) => {
      const actor = seen.get(actorRef) ?? bear(actorRef)
      if (actor.isDead) return
      tellSnapshot(actor, snapshot, showEvent(event))
      lookAfterChildren(actor, snapshot)
      if (statusOf(snapshotOf(actorRef)) !== 'active') end(actor)
    },
  }

  /** Who a message was sent or received by: the actor that works on the link, or the one for the channel. */
  const speakerOf = (linkId: string | undefined): Tracked | undefined => {
    const [above, name] = linkId === undefined ? [top, 'channel'] : [links.get(linkId), 'messaging']
    return [...(above?.children ?? [])].find((child) => child.name === name) ?? above ?? top
  }

  const tellMessage = ({ what, linkId, frame, bytes, kind, request, links: sentOn }: MessageTrace): void => {
    const speaker = speakerOf(linkId)
    if (!speaker) return
    const known = MESSAGE_KINDS.find((one) => one === kind)
    const event: MessageEvent = {
      ...base(speaker.sessionId),
      type: 'hypha.message',
      what,
      frame,
      bytes,
      ...(known === undefined ? {} : { kind: known }),
      ...(request === undefined ? {} : { request: String(showName(request)) }),
      ...(sentOn === undefined ? {} : { links: sentOn }),
    }
    add(Object.freeze(event))
  }

  const quietly =
    <T>(observe: (what: T) => void) =>
    (what: T): void => {
      try {
        observe(what)
      } catch {
        // What can't be recorded is not: an inspector is none of the actors' concern.
      }
    }

  const observer: NodeObserver = {
    root: quietly(walk),
    inspected: quietly((event) => {
      const observe = observers[event.type] as ((event: InspectionEvent) => void) | undefined
      observe?.(event)
    }),
    message: quietly(tellMessage),
    ended: () => {
      if (root && top) bury(top)
    },
  }

  return {
    observer,
    /** All that were there are known: whoever comes now is born. */
    begun: () => {
      isBeginning = false
    },
    /** Those that have ended and nobody said so: a root whose machine threw. */
    lookAround: () => {
      for (const actor of [...alive]) end(actor)
    },
    get rootId() {
      return rootId()
    },
  }
}

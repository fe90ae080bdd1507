import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import { createNode, type HyphaError, type HyphaNode, type NodeOptions } from '../../src/index.js'
import {
  dialMachine,
  nodeMachine,
  peerMachine,
  promptMachine,
  promptsMachine,
  requestMachine,
  transportMachine,
  transportsMachine,
} from '../../src/machines/index.js'
import {
  createCoverage,
  createSimulatedClock,
  createWitness,
  type Follower,
  type Path,
  runPath,
  type StepInfo,
} from '../../src/testing/index.js'
import { createPage } from './page.js'
import { UNREACHABLE } from './unreachable.js'

export const MACHINES = [
  nodeMachine,
  peerMachine,
  requestMachine,
  promptsMachine,
  promptMachine,
  transportsMachine,
  transportMachine,
  dialMachine,
]

/** Of all nodes of all paths. */
export const coverage = createCoverage(MACHINES, { unreachable: UNREACHABLE })

/** A key that a hypha could have. */
export const newHyphalink = (): string => {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('hex')
}

interface Inspected {
  readonly type: string
  readonly actorRef?: object
  readonly event?: { readonly type: string }
}

/** One path's world: a clock, a page, and the nodes that are on it. */
export const createStage = () => {
  const time = createSimulatedClock()
  const page = createPage()
  const witness = createWitness()
  const nodes: HyphaNode[] = []
  let isFailing: (delay: number) => boolean = () => false
  let isStopped = false
  const inspections: { unsubscribe(): void }[] = []
  const clock = {
    ...time,
    setTimeout: (run: () => void, delay: number) => {
      if (isFailing(delay)) throw new Error('The clock has no timers left.')
      return time.setTimeout(run, delay)
    },
  }
  const clockOfSubject = {
    ...clock,
    now: () => {
      if (isStopped) throw new Error('The clock has stopped.')
      return time.now()
    },
  }
  const node = (options: NodeOptions, isSubject = false): HyphaNode => {
    const made = createNode({
      clock: isSubject ? clockOfSubject : clock,
      name: isSubject ? 'Subject' : 'Other',
      inspect: (event: Inspected) => {
        coverage.inspect(event)
        if (isSubject) witness.inspect(event)
      },
      ...options,
    })
    nodes.push(made)
    return made
  }
  return {
    time,
    page,
    witness,
    /** The one that the path is about. */
    subject: (options: NodeOptions): HyphaNode => node(options, true),
    other: (options: NodeOptions): HyphaNode => node(options),
    /** Lets time pass up to the next timer. */
    toNextTimer: () => time.advance((time.next ?? time.now()) - time.now()),
    /** Timers of these delays can't be set, for as long as `during` takes. */
    withoutTimers: <T>(fails: (delay: number) => boolean, during: () => T): T => {
      isFailing = fails
      try {
        return during()
      } finally {
        isFailing = () => false
      }
    },
    failTimers: (fails: (delay: number) => boolean) => {
      isFailing = fails
    },
    /** The subject can't tell the time for as long as `during` takes. */
    withoutTime: <T>(during: () => T): T => {
      isStopped = true
      try {
        return during()
      } finally {
        isStopped = false
      }
    },
    /** The subject can't tell the time, until it can again. */
    stopTime: (stopped: boolean) => {
      isStopped = stopped
    },
    /** An inspector that is not as careful as ours, of whoever has a node's actor. What it throws, it throws into the actors. */
    inspecting: (inspected: HyphaNode, listener: (event: Inspected) => void): { unsubscribe(): void } => {
      const inspection = inspected.actor.system.inspect(listener)
      inspections.push(inspection)
      return inspection
    },
    isOf: ({ type, actorRef }: Inspected, what: string, actor: string): boolean =>
      type === what && actorRef !== undefined && 'id' in actorRef && actorRef.id === actor,
    /** Whether somebody is being sent such an event. */
    isSent: ({ type, event }: Inspected, what: string): boolean =>
      type === '@xstate.event' && event?.type === what,
    close: async () => {
      for (const inspection of inspections) inspection.unsubscribe()
      isFailing = () => false
      isStopped = false
      await Promise.all(nodes.map((each) => each.close()))
      page.close()
    },
  }
}

export type Stage = ReturnType<typeof createStage>

/** The errors that a node tells of, as codes. */
export const errorsOf = (node: HyphaNode): HyphaError[] => {
  const errors: HyphaError[] = []
  node.on('error', (error) => errors.push(error))
  return errors
}

/** For what follows from the step before. */
export const byItself = () => {}

/** Runs a path against an actor of the stage: it takes the path's transitions, and where it rests, the façade shows it. */
export const follow = (
  path: Path,
  follower: Follower,
  executors: Parameters<typeof runPath>[1],
  look: (expected: Path['start'], step?: StepInfo) => void | Promise<void>,
): Promise<void> => {
  const whenThere = (expected: Path['start'], step?: StepInfo) => {
    if (!follower.isAtRest() || executors[step?.next?.type ?? ''] === byItself) return
    expect(follower.actor?.getSnapshot().value).toEqual(expected.value)
    return look(expected, step)
  }
  return runPath(path, executors, (expected, step) => {
    const kept = follower.keepUp(step?.takes ?? path.begins)
    return kept ? kept.then(() => whenThere(expected, step)) : whenThere(expected, step)
  })
}

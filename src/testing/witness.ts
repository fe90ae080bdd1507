import type { AnyActorRef, AnyMachineSnapshot, AnyTransitionDefinition } from 'xstate'
import { nameOfTransition } from './transitions.js'

/** Sees whether an actor at work goes the way that a path says. */
export interface Follower {
  /**
   * Waits until the actor is born and has taken these transitions, in this order. What it does besides is let pass as long as its state
   * stays. Returns nothing when they are taken already.
   * @throws Error when it goes elsewhere, or nowhere for long
   */
  keepUp(takes: readonly string[]): void | Promise<void>
  /** Whether the actor is still where it was led: false once it has moved on by itself. */
  isAtRest(): boolean
  readonly actor: AnyActorRef | undefined
}

export interface Witness {
  /** Give it to `createNode({ inspect })` or `createActor(machine, { inspect })`. */
  readonly inspect: (event: { readonly type: string }) => void
  /** Follows the actor of a machine that was born last, or the next one; with an id, among those of that id. */
  follow(machine: string, id?: string): Follower
}

interface Taken {
  readonly name: string
  /** Whether the state is another one after it. */
  readonly moved: boolean
}

interface Life {
  readonly actor: AnyActorRef
  readonly machine: string
  readonly taken: Taken[]
  value?: string
}

interface Inspected {
  readonly type: string
  readonly actorRef?: AnyActorRef & { readonly logic?: { readonly id?: unknown } }
  readonly snapshot?: Partial<AnyMachineSnapshot>
  readonly _transitions?: readonly AnyTransitionDefinition[]
}

const placeOf = (snapshot: Partial<AnyMachineSnapshot> | undefined): string =>
  JSON.stringify([snapshot?.value, snapshot?.status])

/** While it takes its first step an actor still shows where it was before; one that is being made shows nothing. */
const placeBefore = (actor: AnyActorRef): string | undefined => {
  try {
    return placeOf(actor.getSnapshot())
  } catch {
    return undefined
  }
}

/** Nothing that a machine waits for takes so long; it only ends what hangs. */
const PATIENCE_MS = 40_000

/** Remembers which transitions actors take, so that they can be held against paths. */
export const createWitness = (): Witness => {
  const lives = new Map<unknown, Life>()
  const waiting = new Set<() => void>()

  const follow = (machine: string, id?: string): Follower => {
    let life: Life | undefined
    let at = 0
    const find = () => {
      life ??= [...lives.values()]
        .reverse()
        .find((each) => each.machine === machine && (id === undefined || each.actor.id === id))
      return life
    }
    /** What is left to be taken. */
    const advance = (takes: readonly string[]): readonly string[] => {
      let [next, ...rest] = takes
      const taken = find()?.taken ?? []
      for (; next !== undefined && at < taken.length; at++) {
        const entry = taken[at]
        if (entry?.name === next) [next, ...rest] = rest
        else if (entry?.moved) throw new Error(`It took “${entry.name}” instead of “${next}”.`)
      }
      return next === undefined ? [] : [next, ...rest]
    }
    const wait = (takes: readonly string[]): Promise<void> =>
      new Promise((resolve, reject) => {
        let left = takes
        const stop = () => {
          clearTimeout(timer)
          waiting.delete(look)
        }
        const look = () => {
          try {
            left = advance(left)
          } catch (error) {
            stop()
            reject(error)
          }
          if (left.length > 0 || !life) return
          stop()
          resolve()
        }
        const timer = setTimeout(() => {
          stop()
          reject(new Error(life ? `It did not take “${left[0]}”.` : `There is no ${machine}.`))
        }, PATIENCE_MS)
        waiting.add(look)
      })
    return {
      keepUp: (takes) => {
        const left = advance(takes)
        if (left.length > 0 || !life) return wait(left)
      },
      isAtRest: () =>
        !find()
          ?.taken.slice(at)
          .some(({ moved }) => moved),
      get actor() {
        return find()?.actor
      },
    }
  }

  /** Whoever waits goes on after this transition, not within it. */
  const wake = () => {
    for (const look of [...waiting]) queueMicrotask(look)
  }

  return {
    follow,
    inspect: ({ type, actorRef, snapshot, _transitions = [] }: Inspected) => {
      const id = actorRef?.logic?.id
      if (!actorRef || typeof id !== 'string') return
      if (type === '@xstate.actor') {
        lives.set(actorRef, { actor: actorRef, machine: id, taken: [] })
        wake()
      }
      if (type !== '@xstate.microstep') return
      const life = lives.get(actorRef)
      if (!life) return
      const value = placeOf(snapshot)
      const moved = value !== (life.value ?? placeBefore(actorRef))
      life.value = value
      for (const [index, definition] of _transitions.entries())
        life.taken.push({ name: nameOfTransition(definition), moved: moved && index === 0 })
      wake()
    },
  }
}

import { between, oneOf, type Random } from './random.js'
import type { WireDirection } from './wire-direction.js'

/** What goes wrong: the three ways of a cut, or a standstill. */
export type AccidentKind = 'reset' | 'end' | 'silence' | 'pause'

/** One thing that is to go wrong. */
export interface Accident {
  readonly kind: AccidentKind
  /** Bytes that still pass, counted from the end of the accident before. */
  readonly afterBytes: number
  readonly direction: WireDirection
  /** Milliseconds until the wire heals. */
  readonly outage: number
}

export interface MisbehaveOptions {
  /** Begins the row of random numbers anew, so that what comes is the same whatever came before. */
  readonly seed?: number
  /** How many accidents. 5 unless given. */
  readonly times?: number
  /** Bytes between two accidents, from and to. 1 to 65,536 unless given. */
  readonly bytes?: readonly [least: number, most: number]
  /** Milliseconds until it heals, from and to. 0 to 300 unless given. */
  readonly outage?: readonly [least: number, most: number]
  /** What may go wrong. Resets, ends and standstills unless given: to find silence takes nodes seconds. */
  readonly kinds?: readonly [AccidentKind, ...AccidentKind[]]
}

/** Accidents under way. */
export interface Misbehaviour {
  /** What goes wrong in which order: the same for the same seed and the same calls before it. */
  readonly plan: readonly Accident[]
  /** How many of these have begun. */
  readonly happened: number
  /** Resolves when all of it has happened and the wire is whole again, or when it was stopped. */
  readonly done: Promise<void>
  /** Nothing more goes wrong, and the wire heals. */
  stop(): void
}

export const planAccidents = (
  random: Random,
  { times = 5, bytes = [1, 65_536], outage = [0, 300], kinds = ['reset', 'end', 'pause'] }: MisbehaveOptions,
): Accident[] =>
  Array.from({ length: times }, () => ({
    kind: oneOf(random, kinds),
    afterBytes: between(random, ...bytes),
    direction: oneOf(random, ['up', 'down']),
    outage: between(random, ...outage),
  }))

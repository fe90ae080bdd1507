/** What shall happen on a walk: all of it from one seed, and none of it from how the nodes take it. */
import { between, createRandom, oneOf, type Random } from '../../src/testing/random.js'

export type Deed =
  | 'signUp'
  | 'signIn'
  | 'open'
  | 'ask'
  | 'cancel'
  | 'answer'
  | 'put'
  | 'putShared'
  | 'del'
  | 'batch'
  | 'say'
  | 'cut'
  | 'cutLater'
  | 'silence'
  | 'heal'
  | 'crash'
  | 'close'
  | 'start'
  | 'setTransport'
  | 'restartHub'
  | 'timePasses'

export interface Step {
  /** As it is numbered in what is printed. */
  readonly index: number
  readonly deed: Deed
  /** The node that it is about. */
  readonly on: number
  /** Decides all the rest of it, so that leaving other steps out changes nothing here. */
  readonly seed: number
  /** Whether the next step waits until this one is done. */
  readonly waits: boolean
  /** Milliseconds before the next step. */
  readonly pause: number
}

export interface Plan {
  readonly seed: number
  readonly nodes: number
  readonly steps: readonly Step[]
}

/** How often each is done. */
const WEIGHTS: Readonly<Record<Deed, number>> = {
  signUp: 2,
  signIn: 7,
  open: 1,
  ask: 5,
  cancel: 3,
  answer: 16,
  put: 14,
  putShared: 12,
  del: 4,
  batch: 4,
  say: 5,
  cut: 8,
  cutLater: 5,
  silence: 1,
  heal: 8,
  crash: 6,
  close: 2,
  start: 8,
  setTransport: 4,
  restartHub: 1,
  timePasses: 2,
}

const BAG = (Object.keys(WEIGHTS) as Deed[]).flatMap((deed) => Array<Deed>(WEIGHTS[deed]).fill(deed)) as [
  Deed,
  ...Deed[],
]

/** Most come at once: what is in the middle of something is what breaks. */
const PAUSES = [0, 0, 0, 1, 5, 20, 60] as const

const stepFrom = (random: Random, index: number, deed: Deed, on: number): Step => ({
  index,
  deed,
  on,
  seed: between(random, 0, 2 ** 31),
  waits: random() < 0.6,
  pause: oneOf(random, PAUSES),
})

/** @param nodes from 2 to 5 unless given */
export const planWalk = (seed: number, options: { steps: number; nodes?: number | undefined }): Plan => {
  const random = createRandom(seed)
  const some = between(random, 2, 5)
  const nodes = options.nodes ?? some
  const first: Step = { ...stepFrom(random, 0, 'signUp', 0), waits: true }
  // Some sign in at the beginning, so that there is something to walk with.
  const joins = Array.from({ length: nodes - 1 }, (_, i) => i + 1)
    .filter(() => random() < 0.8)
    .map((on, i) => stepFrom(random, i + 1, 'signIn', on))
  const rest = Array.from({ length: Math.max(0, options.steps - joins.length - 1) }, (_, i) =>
    stepFrom(random, joins.length + 1 + i, oneOf(random, BAG), between(random, 0, nodes - 1)),
  )
  return { seed, nodes, steps: [first, ...joins, ...rest] }
}

export const sayStep = ({ index, deed, on, waits, pause }: Step): string =>
  `${String(index).padStart(3)} node ${on}: ${deed}${waits ? '' : ' (not waited for)'}${pause ? `, then ${pause} ms` : ''}`

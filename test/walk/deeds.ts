/** What each step does, and what it may lead to. */
import { HyphaError, type HyphaNode, type NodeState } from '../../src/index.js'
import type { CutKind } from '../../src/testing/index.js'
import { between, createRandom, oneOf, type Random } from '../../src/testing/random.js'
import type { Hypha } from './model.js'
import type { Deed, Step } from './plan.js'
import type { Slot, WalkWorld } from './world.js'

export const DOMAIN = 'ada.example'
/** What is written again and again, by all. */
const SHARED_KEYS = ['shared/a', 'shared/b', 'shared/c'] as const
/** A call that takes longer hangs. */
const CALL_LIMIT_MS = 60_000

interface Doing {
  readonly world: WalkWorld
  readonly slot: Slot
  readonly step: Step
  readonly random: Random
}
type Do = (doing: Doing) => Promise<string> | string

export const codeOf = (error: unknown): string =>
  error instanceof HyphaError ? error.code : `not ours: ${error instanceof Error ? error.stack : error}`

/** What came of a call: `ok`, or the code that it was refused with. */
const outcome = async (call: Promise<unknown>): Promise<string> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), CALL_LIMIT_MS)
  })
  const answer = await Promise.race([call.then(() => 'ok', codeOf), late])
  clearTimeout(timer)
  return answer
}

const mayWrite = (state: NodeState) => state === 'origin' || state === 'writer'

/** What a call that needs an open hypha must answer in a state. */
const refusalIn = (state: NodeState): string | undefined => {
  if (state === 'closed') return 'CLOSED'
  return state === 'signedOut' || state === 'opening' ? 'NOT_OPEN' : undefined
}

const withNode =
  (act: (node: HyphaNode, doing: Doing) => Promise<string> | string): Do =>
  (doing) =>
    doing.slot.node ? act(doing.slot.node, doing) : 'it is off'

/** Checks what a call answered, unless its node went down meanwhile. */
const expectOneOf = ({ world, slot, step }: Doing, node: HyphaNode, answer: string, ...may: string[]) => {
  if (answer === 'hangs' || (slot.node === node && !may.includes(answer)))
    world.model.violate(
      `step ${step.index}, ${step.deed} on ${slot.name}: ${answer}, not ${may.join(' or ')}`,
    )
  return answer
}

const known = (world: WalkWorld): Hypha[] =>
  [...world.model.hyphas.values()].filter(({ passphrase }) => passphrase !== undefined)

interface Planned {
  readonly key: string
  readonly value?: string
  readonly public?: boolean
}

const write = async (node: HyphaNode, doing: Doing, planned: readonly Planned[], isBatch: boolean) => {
  const { world, slot, step } = doing
  const [first] = planned
  if (!first) return 'nothing to write'
  const seen: string[][] = []
  for (const { key } of planned) seen.push((await node.getAll(key).catch(() => [])).map(String))
  const { state, hyphalink } = node
  if (slot.node !== node) return 'it went down'
  const isAllowed = mayWrite(state) && hyphalink !== undefined
  const written = isAllowed
    ? planned.map(({ key, value }, i) => world.model.begins(hyphalink, { key, value, seen: seen[i] ?? [] }))
    : []
  const call = isBatch
    ? node.batch(
        planned.map(({ key, value, public: isPublic = false }) =>
          value === undefined ? { type: 'del', key } : { type: 'put', key, value, public: isPublic },
        ),
      )
    : first.value === undefined
      ? node.del(first.key)
      : node.put(first.key, first.value, { public: first.public ?? false })
  const answer = await outcome(call)
  if (answer === 'ok') {
    // What is said after the machine went down was said to nobody.
    if (slot.node !== node) return 'it went down'
    if (isAllowed) for (const each of written) world.model.acknowledged(each)
    else world.model.violate(`step ${step.index}: ${slot.name} wrote in the state ${state}`)
    return 'ok'
  }
  return expectOneOf(doing, node, answer, isAllowed ? 'ok' : (refusalIn(state) ?? 'NOT_A_WRITER'))
}

/** Of many sizes, and never the same. */
const newValue = ({ slot, step, random }: Doing, i = 0): string =>
  `${slot.index}.${step.index}.${i} ${'x'.repeat(oneOf(random, [0, 0, 20, 300, 5_000]))}`.trimEnd()

const anyWire = ({ slot, random }: Doing) => oneOf(random, slot.wires as [Slot['wires'][0], ...Slot['wires']])

const MINUTE = 60_000

export const DEEDS: Readonly<Record<Deed, Do>> = {
  signUp: withNode(async (node, doing) => {
    const { world, slot } = doing
    const call = node.signUp({ domain: DOMAIN })
    const answer = await outcome(
      call.then(({ passphrase, hyphalink }) => {
        if (slot.node === node) world.model.hyphaOf(hyphalink).passphrase = passphrase
      }),
    )
    // What the storage keeps may come back first.
    return expectOneOf(doing, node, answer, 'ok', 'ALREADY_OPEN')
  }),
  signIn: withNode(async (node, doing) => {
    const { world, random } = doing
    const hypha = known(world)[0] && oneOf(random, known(world) as [Hypha, ...Hypha[]])
    if (!hypha) return 'there is no hypha'
    const passphrase = hypha.passphrase ?? ''
    const call = node.signIn({ domain: DOMAIN, passphrase, request: random() < 0.8 })
    return expectOneOf(doing, node, await outcome(call), 'ok', 'ALREADY_OPEN', 'STORAGE_OF_ANOTHER_HYPHA')
  }),
  open: withNode(async (node, doing) => {
    const { world, random } = doing
    const hypha = known(world)[0] && oneOf(random, known(world) as [Hypha, ...Hypha[]])
    if (!hypha) return 'there is no hypha'
    const call = node.open({ hyphalink: hypha.hyphalink })
    return expectOneOf(doing, node, await outcome(call), 'ok', 'ALREADY_OPEN')
  }),
  ask: withNode((node, doing) => {
    const { world, slot, step } = doing
    // A person waits for the answer as long as it takes; nobody else does.
    node.requestAuthorisation().then(
      ({ outcome: said }) => {
        const hypha = world.model.hyphas.get(node.hyphalink ?? '')
        const isKnown = !hypha?.founder || world.model.mayBeWriter(hypha, node.writerKey ?? '')
        if (slot.node === node && said === 'authorised' && !isKnown)
          world.model.violate(
            `step ${step.index}: ${slot.name} was told that it may write, and nobody said yes`,
          )
      },
      (error: unknown) => {
        const code = codeOf(error)
        if (slot.node === node && !['NOT_OPEN', 'NO_CHANNEL', 'CLOSED'].includes(code))
          world.model.violate(`step ${step.index}, asking on ${slot.name}: ${code}`)
      },
    )
    return 'asked'
  }),
  cancel: withNode((node) => {
    node.cancelRequest()
    return 'ok'
  }),
  answer: async (doing) => {
    const { world, random } = doing
    const screens = world.slots.filter(({ node }) => node && node.requests().length > 0)
    if (screens.length === 0) return 'nobody is asked'
    const slot = oneOf(random, screens as [Slot, ...Slot[]])
    return answerOn({ ...doing, slot }, oneOf(random, ['yes', 'yes', 'yes', 'no', 'later']))
  },
  put: withNode((node, doing) => {
    const { slot, step, random } = doing
    const planned = {
      key: `once/${slot.index}/${step.index}`,
      value: newValue(doing),
      public: random() < 0.2,
    }
    return write(node, doing, [planned], false)
  }),
  putShared: withNode((node, doing) => {
    const planned = {
      key: oneOf(doing.random, SHARED_KEYS),
      value: newValue(doing),
      public: doing.random() < 0.2,
    }
    return write(node, doing, [planned], false)
  }),
  del: withNode((node, doing) => write(node, doing, [{ key: oneOf(doing.random, SHARED_KEYS) }], false)),
  batch: withNode((node, doing) => {
    const { slot, step, random } = doing
    const planned: Planned[] = Array.from({ length: between(random, 1, 12) }, (_, i) => ({
      key: `batch/${slot.index}/${step.index}/${i}`,
      value: newValue(doing, i),
    }))
    const shared = { key: oneOf(random, SHARED_KEYS), value: newValue(doing, 99) }
    return write(node, doing, random() < 0.5 ? [...planned, shared] : planned, true)
  }),
  say: withNode((node, { slot, step }) => {
    try {
      return `to ${node.broadcast(`${slot.index}.${step.index}`).peers}`
    } catch (error) {
      return codeOf(error)
    }
  }),
  cut: async (doing) => {
    const how = oneOf<CutKind>(doing.random, ['reset', 'end'])
    const healsAfter = oneOf(doing.random, [0, 0, 10, 150])
    await anyWire(doing).cut({ how, healsAfter })
    return `${how}, heals after ${healsAfter} ms`
  },
  cutLater: (doing) => {
    const afterBytes = between(doing.random, 1, oneOf(doing.random, [100, 1_000, 10_000]))
    const how = oneOf<CutKind>(doing.random, ['reset', 'end'])
    void anyWire(doing).cut({ how, afterBytes, healsAfter: oneOf(doing.random, [0, 50]) })
    return `${how} after ${afterBytes} bytes`
  },
  silence: async (doing) => {
    await anyWire(doing).cut({ how: 'silence' })
    return 'ok'
  },
  heal: ({ slot }) => {
    for (const wire of slot.wires) wire.heal()
    return 'ok'
  },
  crash: ({ slot }) => {
    if (!slot.node) return 'it is off'
    slot.crash()
    return 'ok'
  },
  close: async ({ world, slot }) => {
    await world.close(slot)
    return 'ok'
  },
  start: async ({ world, slot }) => ((await world.start(slot)) ? 'ok' : 'it is on'),
  setTransport: withNode(async (node, doing) => {
    const id = oneOf(doing.random, ['tcp', node.transports()[1]?.id ?? 'tcp'])
    const on = doing.random() < 0.6
    const answer = await outcome(node.setTransport(id, on))
    return `${id} ${on}: ${expectOneOf(doing, node, answer, 'ok')}`
  }),
  restartHub: async ({ world }) => {
    await world.restartHub()
    return 'ok'
  },
  timePasses: async ({ world, random }) => {
    const minutes = oneOf(random, [0.6, 0.6, 9.5, 13])
    await world.clock.advance(minutes * MINUTE)
    return `${minutes} minutes`
  },
}

/** A person answers one of the questions on a screen. */
export const answerOn = async (doing: Doing, answer: 'yes' | 'no' | 'later'): Promise<string> => {
  const { world, slot, random } = doing
  const { node } = slot
  const requests = node?.requests() ?? []
  if (!node?.hyphalink || requests.length === 0) return 'nobody is asked'
  const request = oneOf(random, requests as [(typeof requests)[0], ...typeof requests])
  if (answer === 'later') return 'later'
  const observer = world.observerOf(slot)
  world.model.answers(request, node.hyphalink, answer)
  const call =
    answer === 'yes'
      ? node.authorise(request.id, random() < 0.5 ? { words: request.words } : {})
      : node.decline(request.id)
  const said = await outcome(call)
  if (said === 'ok' && slot.node === node) world.model.answered(request.id, observer, answer)
  world.model.checkAsked(request, observer)
  // It may have been answered or taken back elsewhere in the same moment.
  return `${slot.name} says ${answer}: ${expectOneOf(doing, node, said, 'ok', 'REQUEST_UNKNOWN')}`
}

export const perform = (world: WalkWorld, step: Step): Promise<string> | string => {
  const slot = world.slots[step.on]
  if (!slot) return 'there is no such node'
  return DEEDS[step.deed]({ world, slot, step, random: createRandom(step.seed) })
}

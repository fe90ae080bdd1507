/** Every call of a node, right and wrong ones, each with what it should answer. */
import fc from 'fast-check'
import {
  createMemoryNetwork,
  createNode,
  HyphaError,
  type HyphaNode,
  memoryStorage,
  memoryTransport,
  type NodeOptions,
  type Storage,
} from '../../src/index.js'
import {
  areConnected,
  ask,
  type CallsModel,
  createCallsModel,
  follow,
  isOpen,
  type ModelNode,
  mayWrite,
  notOpen,
  otherOf,
  type Which,
} from './calls-model.js'

const DOMAIN = 'ada.example'
/** What the model says must be so by then. */
const LIMIT_MS = Number(process.env.HYPHA_SETTLE_MS ?? 15_000)
/** Beyond these, limits of what one person is asked would have to be in the model. */
const MAX_QUESTIONS = 6

export interface Real {
  readonly nodes: HyphaNode[]
  readonly storages: readonly Storage[]
  /** By hypha of the model, in the order in which they came. */
  readonly hyphas: { passphrase: string; hyphalink: string }[]
  /** Request ids by serial. */
  readonly ids: Map<number, string>
  create(which: Which): HyphaNode
}

export type MakeNode = (options: NodeOptions) => HyphaNode

export const createReal = (make: MakeNode = createNode): Real => {
  const network = createMemoryNetwork()
  const storages = [memoryStorage(), memoryStorage()]
  const create = (which: Which) => {
    const options = { name: `node ${which}`, transports: [memoryTransport(network)] }
    return make({ ...options, storage: storages[which] ?? memoryStorage() })
  }
  return { nodes: [create(0), create(1)], storages, hyphas: [], ids: new Map(), create }
}

const codeOf = (error: unknown): string =>
  error instanceof HyphaError ? error.code : `not ours: ${error instanceof Error ? error.stack : error}`

/** The code that a call was refused with, or `ok`. */
const answerOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
    return 'ok'
  } catch (error) {
    return codeOf(error)
  }
}

const idOf = (real: Real, serial: number | undefined) =>
  serial === undefined ? undefined : real.ids.get(serial)

/** What is not yet as the model says. */
const differences = async (model: CallsModel, real: Real): Promise<string[]> => {
  const wrong: string[] = []
  const expect = (what: string, found: unknown, expected: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(expected))
      wrong.push(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }
  for (const which of [0, 1] as const) {
    const says = model.nodes[which]
    const node = real.nodes[which] as HyphaNode
    const of = (what: string) => `${what} of node ${which}`
    expect(of('the state'), node.state, says.state)
    if (says.state === 'closed' || node.state !== says.state) continue
    expect(of('the question'), node.request()?.id, idOf(real, says.question?.serial))
    const shown = mayWrite(says) && says.prompt ? [idOf(real, says.prompt.serial)] : []
    expect(
      of('what is asked'),
      node.requests().map(({ id }) => id),
      shown,
    )
    expect(of('the road'), node.transports()[0]?.on, says.isRoadOn)
    expect(of('the peers'), node.getSnapshot().peers.length, areConnected(model) ? 1 : 0)
    if (!isOpen(says) || !says.hypha) continue
    for (const [key, { value, isPublic }] of says.hypha.values) {
      const isMine = key.startsWith(`${which}/`)
      if (!isMine && !areConnected(model)) continue
      if (says.hasChannel || isPublic) expect(of(key), await node.get(key), value)
    }
  }
  return wrong
}

/** Waits until everything is as the model says. */
const settle = async (model: CallsModel, real: Real): Promise<void> => {
  follow(model)
  const end = performance.now() + LIMIT_MS
  for (;;) {
    const wrong = await differences(model, real)
    if (wrong.length === 0) return
    if (performance.now() > end) throw new Error(wrong.join('; '))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 20)
      for (const node of real.nodes) {
        const stop = node.subscribe(() => {
          stop()
          clearTimeout(timer)
          setImmediate(resolve)
        })
      }
    })
  }
}

interface Call {
  /** As it is printed. */
  readonly name: string
  readonly on: Which
  /** Whether it may be called now, where a limit is none of the model's. */
  may?(model: CallsModel): boolean
  /** What it should answer; changes the model accordingly. */
  expected(node: ModelNode, model: CallsModel): string
  call(node: HyphaNode, real: Real, model: CallsModel): unknown
  /** After the call, before everything is compared. */
  after?(node: HyphaNode, real: Real, model: CallsModel): void
}

const command = (call: Call): fc.AsyncCommand<CallsModel, Real> => ({
  check: (model) => call.may?.(model) ?? true,
  run: async (model, real) => {
    const node = real.nodes[call.on] as HyphaNode
    // By what is so before the model is told.
    const made = call.call.bind(call, node, real, structuredClone(model))
    const expected = call.expected(model.nodes[call.on], model)
    const answer = await answerOf(made)
    if (answer !== expected)
      throw new Error(`${call.name} on node ${call.on} answered ${answer}, not ${expected}`)
    const { question } = model.nodes[call.on]
    const now = real.nodes[call.on]?.request()?.id
    if (question && now && !real.ids.has(question.serial)) real.ids.set(question.serial, now)
    await settle(model, real)
  },
  toString: () => `${call.name}(${call.on})`,
})

const which = fc.constantFrom<Which>(0, 1)
const each = (make: (on: Which) => Call) => which.map((on) => command(make(on)))
const eachWith = <T>(what: fc.Arbitrary<T>, make: (on: Which, what: T) => Call) =>
  fc.tuple(which, what).map(([on, value]) => command(make(on, value)))

const signingUp = (on: Which, isRight: boolean): Call => ({
  name: isRight ? 'signUp' : 'signUp at a domain that is none',
  on,
  expected: (node, model) => {
    if (!isRight) return 'DOMAIN_INVALID'
    if (node.state === 'closed') return 'CLOSED'
    if (node.state !== 'signedOut') return 'ALREADY_OPEN'
    const hypha = { founder: on, granted: new Set<Which>(), declined: new Set<number>(), values: new Map() }
    model.hyphas.push(hypha)
    Object.assign(node, { state: 'origin', hypha, hasChannel: true })
    return 'ok'
  },
  call: async (node, real) => {
    const said = await node.signUp({ domain: isRight ? DOMAIN : 'a b' })
    real.hyphas.push(said)
  },
})
const signUp = eachWith(fc.boolean(), signingUp)

type SignInAs = 'right' | 'asking' | 'misspelt'
const signingIn = (on: Which, how: SignInAs): Call => ({
  name: `signIn, ${how}`,
  on,
  may: ({ hyphas, asked }) => hyphas.length > 0 && asked < MAX_QUESTIONS,
  expected: (node, model) => {
    const hypha = model.hyphas.at(-1)
    if (node.state === 'closed') return 'CLOSED'
    if (node.cameBack && isOpen(node)) {
      if (how === 'misspelt') return 'PASSPHRASE_INVALID'
      if (node.hypha !== hypha) return 'STORAGE_OF_ANOTHER_HYPHA'
      if (how === 'asking' && node.state === 'readOnly' && node.hasChannel) ask(model, on)
      return 'ok'
    }
    if (node.state !== 'signedOut') return 'ALREADY_OPEN'
    if (how === 'misspelt') return 'PASSPHRASE_INVALID'
    Object.assign(node, { state: 'readOnly', hypha, hasChannel: true })
    if (how === 'asking') ask(model, on)
    return 'ok'
  },
  call: (node, real) => {
    const passphrase = real.hyphas.at(-1)?.passphrase ?? ''
    const typed = how === 'misspelt' ? passphrase.split(' ').slice(1).join(' ') : passphrase
    return node.signIn({ domain: DOMAIN, passphrase: typed, request: how === 'asking' })
  },
})
const signIn = eachWith(fc.constantFrom<SignInAs>('right', 'asking', 'asking', 'misspelt'), signingIn)

const openLink = eachWith(fc.boolean(), (on, isRight) => ({
  name: isRight ? 'open' : 'open of a link that is none',
  on,
  may: ({ hyphas }) => hyphas.length > 0,
  expected: (node, model) => {
    if (!isRight) return 'HYPHALINK_INVALID'
    const hypha = model.hyphas.at(-1)
    if (node.state === 'closed') return 'CLOSED'
    if (node.cameBack && isOpen(node) && node.hypha === hypha) return 'ok'
    if (node.state !== 'signedOut') return 'ALREADY_OPEN'
    Object.assign(node, { state: 'readOnly', hypha, hasChannel: false })
    return 'ok'
  },
  call: (node, real) => node.open({ hyphalink: isRight ? (real.hyphas.at(-1)?.hyphalink ?? '') : 'abc' }),
}))

const requestAuthorisation = each((on) => ({
  name: 'requestAuthorisation',
  on,
  may: ({ asked }) => asked < MAX_QUESTIONS,
  expected: (node, model) => {
    const refused = notOpen(node) ?? (node.hasChannel ? undefined : 'NO_CHANNEL')
    if (!refused && node.state === 'readOnly') ask(model, on)
    return refused ?? 'ok'
  },
  // The answer is a person's, and comes when it comes.
  call: (node) => {
    const answer = node.requestAuthorisation()
    answer.catch(() => {})
    return Promise.race([answer, new Promise((resolve) => setImmediate(resolve))])
  },
}))

const cancelRequest = each((on) => ({
  name: 'cancelRequest',
  on,
  expected: (node, model) => {
    const other = model.nodes[otherOf(on)]
    if (node.state !== 'awaitingAuthorisation') return 'ok'
    if (areConnected(model) && other.prompt?.serial === node.question?.serial) other.prompt = undefined
    Object.assign(node, { state: 'readOnly', question: undefined })
    return 'ok'
  },
  call: (node) => node.cancelRequest(),
}))

type Words = 'right' | 'none' | 'wrong'
const authorising = (on: Which, words: Words): Call => ({
  name: `authorise, with ${words} words`,
  on,
  expected: (node) => {
    const refused = notOpen(node)
    if (refused) return refused
    if (node.prompt && words === 'wrong') return 'WORDS_WRONG'
    if (!mayWrite(node)) return 'NOT_A_WRITER'
    if (!node.prompt) return 'REQUEST_UNKNOWN'
    node.hypha?.granted.add(node.prompt.asker)
    node.prompt = undefined
    return 'ok'
  },
  call: (node, real, { nodes }) => {
    const id = idOf(real, nodes[on].prompt?.serial) ?? '00'.repeat(16)
    const shown = node.requests().find((request) => request.id === id)?.words ?? []
    if (words === 'none') return node.authorise(id)
    return node.authorise(id, { words: words === 'right' ? shown : 'one two three four five' })
  },
})
const authorise = eachWith(fc.constantFrom<Words>('right', 'none', 'none', 'wrong'), authorising)

const decline = each((on) => ({
  name: 'decline',
  on,
  expected: (node) => {
    const refused = notOpen(node)
    if (refused) return refused
    if (!mayWrite(node)) return 'NOT_A_WRITER'
    if (!node.prompt) return 'REQUEST_UNKNOWN'
    node.hypha?.declined.add(node.prompt.serial)
    node.prompt = undefined
    return 'ok'
  },
  call: (node, real, { nodes }) => node.decline(idOf(real, nodes[on].prompt?.serial) ?? 'ab'.repeat(16)),
}))

const answerNobody = each((on) => ({
  name: 'authorise what nobody asked',
  on,
  expected: (node) => notOpen(node) ?? (mayWrite(node) ? 'REQUEST_UNKNOWN' : 'NOT_A_WRITER'),
  call: (node) => node.authorise('nobody asked'),
}))

const writing = (node: ModelNode, answer: string) =>
  notOpen(node) ?? (mayWrite(node) ? answer : 'NOT_A_WRITER')

let last = 0
const put = eachWith(
  fc.record({ key: fc.constantFrom('a', 'b'), isPublic: fc.boolean(), isBatch: fc.boolean() }),
  (on, { key, isPublic, isBatch }) => {
    const name = `${on}/${key}`
    const value = ++last
    return {
      name: `${isBatch ? 'batch with' : 'put'} ${name}${isPublic ? ', public' : ''}`,
      on,
      expected: (node) => {
        const answer = writing(node, 'ok')
        if (answer === 'ok') node.hypha?.values.set(name, { value, isPublic })
        return answer
      },
      call: (node) =>
        isBatch
          ? node.batch([{ type: 'put', key: name, value, public: isPublic }])
          : node.put(name, value, { public: isPublic }),
    }
  },
)

const WRONG: readonly [name: string, code: string, call: (node: HyphaNode) => unknown][] = [
  ['put under a key that is none', 'KEY_INVALID', (node) => node.put('a//b', 1)],
  ['put under a name of ours', 'KEY_INVALID', (node) => node.put('.hypha/x', 1)],
  ['put what is no value', 'VALUE_INVALID', (node) => node.put('a', undefined)],
  ['put what is too large', 'VALUE_TOO_LARGE', (node) => node.put('a', 'x'.repeat(1024 * 1024))],
  ['batch of what is none', 'OPTION_INVALID', (node) => node.batch([null] as never)],
  ['del under a key that is none', 'KEY_INVALID', (node) => node.del('')],
]
const wrongWrite = eachWith(fc.constantFrom(...WRONG), (on, [name, code, call]) => ({
  name,
  on,
  expected: (node) => writing(node, code),
  call,
}))

const del = each((on) => ({
  name: 'del of what is not there',
  on,
  expected: (node) => writing(node, 'ok'),
  call: (node) => node.del('nothing'),
}))

const READS: readonly [name: string, call: (node: HyphaNode) => unknown][] = [
  ['get', (node) => node.get('0/a')],
  ['getAll', (node) => node.getAll('1/a')],
  ['entries', (node) => node.entries().next()],
]
const read = eachWith(fc.constantFrom(...READS), (on, [name, call]) => ({
  name,
  on,
  expected: (node) => notOpen(node) ?? 'ok',
  call,
}))

const say = eachWith(fc.constantFrom('broadcast', 'send', 'send to nobody'), (on, how) => ({
  name: how,
  on,
  expected: (node) =>
    notOpen(node) ??
    (node.hasChannel ? (how === 'send to nobody' ? 'WRITER_KEY_INVALID' : 'ok') : 'NO_CHANNEL'),
  call: (node) =>
    how === 'broadcast'
      ? node.broadcast({ hello: true })
      : node.send(how === 'send' ? '00'.repeat(32) : 'nobody', 1),
}))

const setTransport = eachWith(fc.boolean(), (on, isOn) => ({
  name: `setTransport ${isOn ? 'on' : 'off'}`,
  on,
  expected: (node) => {
    if (node.state === 'closed') return 'CLOSED'
    node.isRoadOn = isOn
    return 'ok'
  },
  call: (node) => node.setTransport('memory', isOn),
}))

const setUnknownTransport = each((on) => ({
  name: 'setTransport of what is none',
  on,
  expected: () => 'TRANSPORT_UNKNOWN',
  call: (node) => node.setTransport('pigeons', true),
}))

const close = each((on) => ({
  name: 'close',
  on,
  expected: (node) => {
    if (node.state !== 'closed') node.before = node.state
    Object.assign(node, { state: 'closed', prompt: undefined })
    return 'ok'
  },
  call: (node) => node.close(),
}))

const comeBack = each((on) => ({
  name: 'create anew',
  on,
  may: ({ nodes }) => nodes[on].state === 'closed',
  expected: (node) => {
    const isOfHypha = node.before !== 'signedOut'
    Object.assign(node, { state: node.before, cameBack: isOfHypha, isRoadOn: true })
    return 'ok'
  },
  call: (_, real) => {
    real.nodes[on] = real.create(on)
  },
}))

export const CALLS = [
  signUp,
  signIn,
  signIn,
  openLink,
  requestAuthorisation,
  requestAuthorisation,
  cancelRequest,
  authorise,
  authorise,
  decline,
  answerNobody,
  put,
  put,
  wrongWrite,
  del,
  read,
  say,
  setTransport,
  setTransport,
  setUnknownTransport,
  close,
  comeBack,
]

/** Most of what is interesting comes after these. */
const BEGINNINGS = {
  nothing: [],
  'a sign-up': [signingUp(0, true)],
  'a question': [signingUp(0, true), signingIn(1, 'asking')],
  'two writers': [signingUp(0, true), signingIn(1, 'asking'), authorising(0, 'right')],
} satisfies Record<string, Call[]>
type Beginning = keyof typeof BEGINNINGS

export interface CallsOptions {
  readonly runs: number
  readonly seed: number
  readonly steps?: number | undefined
  /** Of a failure that was printed: straight to it. */
  readonly path?: string | undefined
  readonly replayPath?: string | undefined
  readonly make?: MakeNode
  /** After each run. */
  readonly onRun?: () => void
}

export const checkCalls = ({ runs, seed, steps = 30, path, replayPath, make, onRun }: CallsOptions) =>
  fc.check(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(BEGINNINGS) as Beginning[])),
      fc.commands(CALLS, { maxCommands: steps, size: 'max', ...(replayPath ? { replayPath } : {}) }),
      async (beginning, commands) => {
        const real = createReal(make)
        try {
          await fc.asyncModelRun(async () => {
            const model = createCallsModel()
            for (const call of BEGINNINGS[beginning]) await command(call).run(model, real)
            return { model, real }
          }, commands)
        } finally {
          await Promise.all(real.nodes.map((node) => node.close().catch(() => {})))
          onRun?.()
        }
      },
    ),
    { numRuns: runs, seed, ...(path === undefined ? {} : { path }) },
  )

export type CallsChecked = Awaited<ReturnType<typeof checkCalls>>

/** What went wrong, the fewest calls that lead there, and how to have it again. Empty when nothing did. */
export const storyOf = ({
  failed,
  seed,
  counterexamplePath,
  counterexample,
  errorInstance,
}: CallsChecked): string => {
  if (!failed) return ''
  const [beginning, found] = counterexample ?? []
  const calls = String(found)
  const replay = /replayPath="([^"]*)"/.exec(calls)?.[1] ?? ''
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `after ${beginning}, then ${calls.replace(/\s*\/\*.*\*\//, '')}`,
    `Again: npm run test:walk -- --commands --seed ${seed} --path ${counterexamplePath} --replay ${replay}`,
  ].join('\n')
}

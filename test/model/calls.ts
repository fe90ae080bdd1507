/** Every call of a node, right and wrong ones, each with what it should answer. */
import fc from 'fast-check'
import type { HyphaNode } from '../../src/index.js'
import {
  areConnected,
  ask,
  isOpen,
  type ModelNode,
  mayWrite,
  notOpen,
  otherOf,
  type Which,
} from './calls-model.js'
import { type Call, command, idOf } from './calls-real.js'

const DOMAIN = 'ada.example'
/** Beyond these, limits of what one person is asked would have to be in the model. */
const MAX_QUESTIONS = 6

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
    // It is looked at before the node is.
    if (how === 'misspelt') return 'PASSPHRASE_INVALID'
    if (node.state === 'closed') return 'CLOSED'
    if (node.cameBack && isOpen(node)) {
      if (node.hypha !== hypha) return 'STORAGE_OF_ANOTHER_HYPHA'
      if (how === 'asking' && node.state === 'readOnly' && node.hasChannel) ask(model, on)
      return 'ok'
    }
    if (node.state !== 'signedOut') return 'ALREADY_OPEN'
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
export const BEGINNINGS = {
  nothing: [],
  'a sign-up': [signingUp(0, true)],
  'a question': [signingUp(0, true), signingIn(1, 'asking')],
  'two writers': [signingUp(0, true), signingIn(1, 'asking'), authorising(0, 'right')],
} satisfies Record<string, Call[]>
export type Beginning = keyof typeof BEGINNINGS

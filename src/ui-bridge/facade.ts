import { waitFor } from 'xstate'
import type { ConfirmPassphrase } from '../actors/confirm-passphrase.js'
import type { NodeServices, Session } from '../actors/services.js'
import type { Answer, HyphaNode, Write } from '../api.js'
import type { NodeEvent } from '../machines/node.js'
import type { Problem } from '../machines/problem.js'
import { toHex } from '../protocol/bytes.js'
import { normaliseDomain } from '../protocol/domain.js'
import { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'
import { parseHyphalink } from '../protocol/hyphalink.js'
import { areSameWords } from '../protocol/words-to-compare.js'
import { announceChanges } from './announce.js'
import { createPicture, type NodeActor } from './picture.js'
import { createStore } from './store.js'
import { setTransport } from './transports.js'

const closed = () => new HyphaError('CLOSED', 'This node has been closed. Create another one.')
const notOpen = () => new HyphaError('NOT_OPEN', 'No hypha is open. Sign up, sign in or open one first.')

const notAWriter = () =>
  new HyphaError(
    'NOT_A_WRITER',
    'This node may not write. Ask with requestAuthorisation() and approve it on a node that may.',
  )

/** The platform's random bytes, at once: libsodium may not be there yet. */
const newRequestId = () => toHex(crypto.getRandomValues(new Uint8Array(16)))

const mustBeFunction = (listener: unknown): void => {
  if (typeof listener !== 'function') throw new HyphaError('OPTION_INVALID', 'A listener is a function.')
}

const mustBeString = (what: string, value: unknown): void => {
  if (typeof value !== 'string') throw new HyphaError('KEY_INVALID', `${what} must be a string.`)
}

const toError = ({ code, message }: Problem): HyphaError => new HyphaError(code as HyphaErrorCode, message)

/** The node as apps see it. It holds no state of its own: it asks the machine, and sends it events. */
export const createFacade = (
  services: NodeServices,
  actor: NodeActor,
  options: { requireWords: boolean; confirmPassphrase: ConfirmPassphrase },
): HyphaNode => {
  const { events, vault, watchers } = services
  const picture = createPicture(services, actor, options.requireWords)
  const store = createStore(picture.take)
  services.changed = store.changed
  const stopAnnouncing = announceChanges(services, actor, picture)
  actor.start()

  /** Apps call from listeners, in the middle of a transition, when an event is only queued: what it did shows after that. */
  const afterTransition = () => Promise.resolve()

  const can = (event: NodeEvent) => actor.getSnapshot().can(event)

  /** Why the node is in `failed`, or not open although it was asked to be. */
  const failure = (): HyphaError => {
    if (services.failure instanceof HyphaError) return services.failure
    const { problem } = actor.getSnapshot().context
    return problem
      ? toError(problem)
      : new HyphaError('OPENING_FAILED', 'The node could not be opened. Try again.')
  }

  const mustBeOpen = (): Session => {
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (state === 'failed') throw failure()
    if (!services.session || state === 'opening') throw notOpen()
    return services.session
  }

  const mustHaveChannel = () => {
    const { channel } = mustBeOpen()
    if (channel) return channel
    throw new HyphaError(
      'NO_CHANNEL',
      'A reader by hyphalink has no channel. Sign in with the passphrase to have one.',
    )
  }

  /** What the storage keeps comes first: until that is open, or known to be nothing, no call enters otherwise. */
  const isComingBack = (snapshot = actor.getSnapshot()) =>
    snapshot.matches({ opening: 'recalling' }) ||
    snapshot.matches({ failed: 'releasing' }) ||
    (snapshot.matches('opening') && snapshot.context.entrance?.by === 'storage')
  const comeBack = async () => {
    await waitFor(actor, (snapshot) => !isComingBack(snapshot))
    if (!can({ type: 'recall' })) return
    // It failed before: whatever the storage keeps may have been left alone, and must not be replaced.
    services.failure = undefined
    actor.send({ type: 'recall' })
    await afterTransition()
    await waitFor(actor, (snapshot) => !isComingBack(snapshot))
  }
  const mustComeBack = () => isComingBack() || can({ type: 'recall' })
  const cameBack = () => services.session && actor.getSnapshot().context.entrance?.by === 'storage'

  const enter = async (
    event: Extract<NodeEvent, { type: 'signUp' | 'signIn' | 'open' }>,
    prepare: () => void,
  ) => {
    const state = picture.state()
    if (state === 'closed') throw closed()
    if (!can(event)) {
      if (state === 'failed') throw failure()
      throw new HyphaError(
        'ALREADY_OPEN',
        'This node has a hypha already. Create another node for another hypha.',
      )
    }
    services.failure = undefined
    prepare()
    actor.send(event)
    await afterTransition()
    const settled = await waitFor(
      actor,
      (snapshot) => !snapshot.matches('opening') && !snapshot.matches({ failed: 'releasing' }),
    )
    if (settled.matches('closed')) throw closed()
    if (!settled.matches('signedOut') && !settled.matches('failed')) return
    delete vault.passphrase
    throw failure()
  }

  let asked: ReturnType<NodeActor['getSnapshot']> | undefined
  let mayWrite = false
  /** Asked for each put, and the same for as long as the machine rests. */
  const mustBeWriter = () => {
    const snapshot = actor.getSnapshot()
    if (snapshot !== asked) mayWrite = snapshot.can({ type: 'write' })
    asked = snapshot
    if (!mayWrite) throw notAWriter()
  }

  const write = async (writes: readonly Write[]) => {
    const { entries } = mustBeOpen()
    mustBeWriter()
    await entries.write(writes)
  }

  /** Sends a person's answer to a prompt and waits until it has been carried out. */
  const answer = async (type: 'authorise' | 'decline', id: string): Promise<void> => {
    mustBeOpen()
    if (!can({ type: 'write' })) throw notAWriter()
    const prompt = actor.getSnapshot().children.prompts?.getSnapshot().context.prompts[id]
    const isShown = picture.requests().some((request) => request.id === id)
    if (!prompt || !isShown) {
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'There is no such request. It was answered, taken back or got too old.',
      )
    }
    actor.send({ type, id })
    await afterTransition()
    // A prompt that is stopped before it is settled is one of a node that was closed. One that is stopped by now tells nobody.
    if (prompt.getSnapshot().status === 'stopped') throw closed()
    const settled = await waitFor(
      prompt,
      ({ value }) => value !== 'authorising' && value !== 'declining',
    ).catch(() => {
      throw closed()
    })
    if (settled.value === 'pending') {
      const { problem } = settled.context
      throw problem
        ? toError(problem)
        : new HyphaError('AUTHORISATION_FAILED', 'The answer could not be carried out.')
    }
    const wanted = type === 'authorise' ? 'authorised' : 'declined'
    if (settled.context.outcome !== wanted) {
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'The request was answered otherwise, taken back or got too old meanwhile.',
      )
    }
  }

  let closing: Promise<void> | undefined

  return {
    actor,
    get state() {
      return picture.state()
    },
    get hyphalink() {
      return picture.hyphalink()
    },
    get writerKey() {
      return picture.writerKey()
    },

    async signUp(how) {
      const normal = normaliseDomain(how?.domain)
      if (mustComeBack()) await comeBack()
      await enter({ type: 'signUp', domain: normal }, () => {})
      const passphrase = vault.passphrase ?? ''
      delete vault.passphrase
      delete vault.unfinished
      return { passphrase, hyphalink: picture.hyphalink() ?? '' }
    },

    async signIn(how) {
      const normal = normaliseDomain(how?.domain)
      const { passphrase, request = true } = how
      const requestId = request ? { requestId: newRequestId() } : {}
      if (mustComeBack()) await comeBack()
      if (cameBack()) {
        await options.confirmPassphrase({ domain: normal, passphrase })
        if (request) actor.send({ type: 'requestAuthorisation', requestId: newRequestId() })
        return
      }
      await enter({ type: 'signIn', domain: normal, ...requestId }, () => {
        vault.passphrase = passphrase
      })
    },

    async open(how) {
      const bytes = parseHyphalink(how?.hyphalink)
      if (mustComeBack()) await comeBack()
      if (cameBack() && picture.hyphalink() === toHex(bytes)) return
      await enter({ type: 'open' }, () => {
        vault.hyphalink = bytes
      })
    },

    async requestAuthorisation(): Promise<Answer> {
      if (picture.state() === 'opening') await waitFor(actor, (snapshot) => !snapshot.matches('opening'))
      if (can({ type: 'write' })) return { outcome: 'authorised' }
      mustHaveChannel()
      // At once, so that it can be taken back at once. Under way already, it is joined.
      actor.send({ type: 'requestAuthorisation', requestId: newRequestId() })
      await afterTransition()
      const settled = await waitFor(actor, (snapshot) => !snapshot.matches('awaitingAuthorisation'))
      if (settled.matches('writer')) return { outcome: 'authorised' }
      const { lastOutcome = 'cancelled', lastReason } = settled.context
      if (settled.matches('closed')) return { outcome: 'cancelled', reason: 'The node was closed.' }
      return { outcome: lastOutcome, ...(lastReason === undefined ? {} : { reason: lastReason }) }
    },

    cancelRequest: () => {
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'cancelRequest' })
    },
    request: picture.request,
    requests: picture.requests,

    async authorise(requestId, how) {
      const words = how?.words
      const prompt = actor.getSnapshot().children.prompts?.getSnapshot().context.prompts[requestId]
      const shown = prompt?.getSnapshot().context.words ?? []
      if (prompt && (words === undefined ? options.requireWords : !areSameWords(words, shown))) {
        throw new HyphaError(
          'WORDS_WRONG',
          'These are not the words of this request. Compare with the other screen; if they differ there, decline.',
        )
      }
      await answer('authorise', requestId)
    },
    decline: (requestId) => answer('decline', requestId),

    put: (key, value, how) => write([{ type: 'put', key, value, public: how?.public ?? false }]),
    del: (key) => write([{ type: 'del', key }]),
    batch: write,
    async get(key) {
      mustBeString('A key', key)
      return mustBeOpen().entries.get(key)
    },
    async getAll(key) {
      mustBeString('A key', key)
      return mustBeOpen().entries.getAll(key)
    },
    async *entries(prefix = '') {
      mustBeString('A prefix', prefix)
      yield* mustBeOpen().entries.entries(prefix)
    },
    watch(prefix, listener) {
      mustBeString('A prefix', prefix)
      mustBeFunction(listener)
      return watchers.watch(prefix, listener)
    },

    broadcast: (message) => ({ peers: mustHaveChannel().sendMessage(message) }),
    send: (writerKey, message) => ({ peers: mustHaveChannel().sendMessage(message, writerKey) }),
    nodes: picture.nodes,
    transports: picture.transports,
    setTransport: (id, on) => setTransport(actor, id, on),

    subscribe(listener) {
      mustBeFunction(listener)
      return store.subscribe(listener)
    },
    getSnapshot: store.getSnapshot,
    on(name, listener) {
      mustBeFunction(listener)
      return events.on(name, listener)
    },

    close() {
      closing ??= (async () => {
        // While there are links to say it on.
        services.session?.presence.close()
        actor.send({ type: 'close' })
        await waitFor(actor, (snapshot) => snapshot.matches({ closed: 'released' }))
        delete vault.unfinished
        stopAnnouncing()
        actor.stop()
        await services.storage.close()
        watchers.clear()
        store.close()
        events.clear()
      })()
      return closing
    },
  }
}

import { waitFor } from 'xstate'
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

const closed = () => new HyphaError('CLOSED', 'This node has been closed. Create another one.')
const notOpen = () => new HyphaError('NOT_OPEN', 'No hypha is open. Sign up, sign in or open one first.')

const toError = ({ code, message }: Problem): HyphaError => new HyphaError(code as HyphaErrorCode, message)

/** The node as apps see it. It holds no state of its own: it asks the machine, and sends it events. */
export const createFacade = (
  services: NodeServices,
  actor: NodeActor,
  options: { requireWords: boolean },
): HyphaNode => {
  const { events, vault, watchers } = services
  const picture = createPicture(services, actor, options.requireWords)
  const store = createStore(picture.take)
  services.changed = store.changed
  const stopAnnouncing = announceChanges(services, actor, picture)
  actor.start()

  /** Apps call from listeners, in the middle of a transition, when an event would only be queued: that has to end first. */
  const afterTransition = () => Promise.resolve()

  const can = (event: NodeEvent) => actor.getSnapshot().can(event)

  const mustBeOpen = (): Session => {
    const state = picture.state()
    if (state === 'closed') throw closed()
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

  const enter = async (
    event: Extract<NodeEvent, { type: 'signUp' | 'signIn' | 'open' }>,
    prepare: () => void,
  ) => {
    await afterTransition()
    if (picture.state() === 'closed') throw closed()
    if (!can(event)) {
      throw new HyphaError(
        'ALREADY_OPEN',
        'This node has a hypha already. Create another node for another hypha.',
      )
    }
    services.failure = undefined
    prepare()
    actor.send(event)
    const settled = await waitFor(
      actor,
      (snapshot) => !snapshot.matches('opening') && !snapshot.matches({ failed: 'releasing' }),
    )
    if (settled.matches('closed')) throw closed()
    const { problem } = settled.context
    if (!settled.matches('signedOut') && !settled.matches('failed')) return
    delete vault.passphrase
    if (services.failure instanceof HyphaError) throw services.failure
    throw problem
      ? toError(problem)
      : new HyphaError('OPENING_FAILED', 'The node could not be opened. Try again.')
  }

  const write = async (writes: readonly Write[]) => {
    const { entries } = mustBeOpen()
    if (!can({ type: 'write' })) {
      throw new HyphaError(
        'NOT_A_WRITER',
        'This node may not write. Ask with requestAuthorisation() and approve it on a node that may.',
      )
    }
    await entries.write(writes)
  }

  /** Sends a person's answer to a prompt and waits until it has been carried out. */
  const answer = async (type: 'authorise' | 'decline', id: string): Promise<void> => {
    await afterTransition()
    mustBeOpen()
    const prompt = actor.getSnapshot().children.prompts?.getSnapshot().context.prompts[id]
    const isShown = picture.requests().some((request) => request.id === id)
    if (!prompt || !isShown) {
      throw new HyphaError(
        'REQUEST_UNKNOWN',
        'There is no such request. It was answered, taken back or got too old.',
      )
    }
    actor.send({ type, id })
    // A prompt that is stopped before it is settled is one of a node that was closed.
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
      await enter({ type: 'signUp', domain: normal }, () => {})
      const passphrase = vault.passphrase ?? ''
      delete vault.passphrase
      delete vault.unfinished
      return { passphrase, hyphalink: picture.hyphalink() ?? '' }
    },

    async signIn(how) {
      const normal = normaliseDomain(how?.domain)
      const { passphrase, request = true } = how
      const { randomBytes } = await services.crypto()
      const requestId = request ? { requestId: toHex(randomBytes(16)) } : {}
      await enter({ type: 'signIn', domain: normal, ...requestId }, () => {
        vault.passphrase = passphrase
      })
    },

    async open(how) {
      const bytes = parseHyphalink(how?.hyphalink)
      await enter({ type: 'open' }, () => {
        vault.hyphalink = bytes
      })
    },

    async requestAuthorisation(): Promise<Answer> {
      // Whoever joins a request gets its answer, also when that is settled before this goes on.
      const joins = picture.state() === 'awaitingAuthorisation'
      await afterTransition()
      await waitFor(actor, (snapshot) => !snapshot.matches('opening'))
      if (can({ type: 'write' })) return { outcome: 'authorised' }
      const channel = mustHaveChannel()
      if (!joins) actor.send({ type: 'requestAuthorisation', requestId: channel.newId() })
      const settled = await waitFor(actor, (snapshot) => !snapshot.matches('awaitingAuthorisation'))
      if (settled.matches('writer')) return { outcome: 'authorised' }
      const { lastOutcome = 'cancelled', lastReason } = settled.context
      if (settled.matches('closed')) return { outcome: 'cancelled', reason: 'The node was closed.' }
      return { outcome: lastOutcome, ...(lastReason === undefined ? {} : { reason: lastReason }) }
    },

    cancelRequest: () => actor.send({ type: 'cancelRequest' }),
    request: picture.request,
    requests: picture.requests,

    async authorise(requestId, { words } = {}) {
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

    put: (key, value, { public: isPublic = false } = {}) =>
      write([{ type: 'put', key, value, public: isPublic }]),
    del: (key) => write([{ type: 'del', key }]),
    batch: write,
    get: async (key) => mustBeOpen().entries.get(key),
    getAll: async (key) => mustBeOpen().entries.getAll(key),
    async *entries(prefix = '') {
      yield* mustBeOpen().entries.entries(prefix)
    },
    watch: (prefix, listener) => watchers.watch(prefix, listener),

    broadcast: (message) => ({ peers: mustHaveChannel().sendMessage(message) }),
    send: (writerKey, message) => ({ peers: mustHaveChannel().sendMessage(message, writerKey) }),
    nodes: picture.nodes,

    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    on: events.on,

    close() {
      closing ??= (async () => {
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

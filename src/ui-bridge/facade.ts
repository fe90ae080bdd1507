import { waitFor } from 'xstate'
import type { CheckPassphrase, ConfirmPassphrase } from '../actors/confirm-passphrase.js'
import type { NodeServices } from '../actors/services.js'
import type { HyphaNode } from '../api.js'
import { HyphaError } from '../protocol/errors.js'
import { announceChanges } from './announce.js'
import { createAnswering } from './facade/answering.js'
import { createAsking } from './facade/asking.js'
import { createEntering } from './facade/entering.js'
import { createEntriesFace } from './facade/entries.js'
import { createGate } from './facade/gate.js'
import { mustBeEvent, mustBeFunction, mustBeString } from './facade/given.js'
import { createMessages } from './facade/messages.js'
import { createPicture, type NodeActor } from './picture.js'
import { createStore } from './store.js'
import { setTransport } from './transports.js'

const storageNotClosed = (cause: unknown): HyphaError =>
  cause instanceof HyphaError
    ? cause
    : new HyphaError(
        'STORAGE_FAILED',
        'The storage could not be closed, so another node may find it in use. What was acknowledged is stored.',
        { cause },
      )

/** The node as apps see it. It holds no state of its own: it asks the machine, and sends it events. */
export const createFacade = (
  services: NodeServices,
  actor: NodeActor,
  options: {
    requireWords: boolean
    passphrases: { check: CheckPassphrase; confirm: ConfirmPassphrase }
    /** The node is being closed; the promise tells when it is. */
    giveBack: (done: Promise<void>) => void
  },
): HyphaNode => {
  const { events, vault, watchers } = services
  const picture = createPicture(services, actor, options.requireWords)
  const store = createStore(picture.take)
  services.changed = store.changed
  const stopAnnouncing = announceChanges(services, actor, picture)
  actor.start()

  const gate = createGate(services, actor, picture)
  const takenBack = { times: 0 }
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

    ...createEntering(services, actor, picture, gate, options.passphrases, takenBack),
    ...createAsking(actor, gate, takenBack),
    request: picture.request,
    requests: picture.requests,
    ...createAnswering(services, actor, picture, gate, options.requireWords),
    ...createEntriesFace(services, gate),
    ...createMessages(gate),
    nodes: picture.nodes,
    async dismissNotice(writerKey) {
      mustBeString('A writer key', writerKey)
      const { notices } = await gate.whenOpen()
      await notices.dismiss(writerKey)
    },
    transports: picture.transports,
    setTransport: (id, on) => setTransport(actor, id, on),

    subscribe(listener) {
      mustBeFunction(listener)
      return store.subscribe(listener)
    },
    getSnapshot: store.getSnapshot,
    on(name, listener) {
      mustBeEvent(name)
      mustBeFunction(listener)
      return events.on(name, listener)
    },

    close() {
      closing ??= (async () => {
        // While there are links to say it on.
        services.session?.channel?.close()
        services.session?.presence.close()
        actor.send({ type: 'close' })
        await waitFor(actor, (snapshot) => snapshot.matches({ closed: 'released' }))
        delete vault.unfinished
        stopAnnouncing()
        actor.stop()
        try {
          await services.storage.close()
        } catch (cause) {
          throw storageNotClosed(cause)
        } finally {
          watchers.clear()
          store.close()
          events.clear()
        }
      })()
      options.giveBack(closing)
      return closing
    },
  }
}

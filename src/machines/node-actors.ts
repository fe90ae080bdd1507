import type { Entrance, OpenedHypha, Recalled, Remembering } from './node-types.js'
import { unprovidedCallback, unprovidedPromise } from './unprovided.js'

/** The work that a node asks for. Placeholders that fail loudly, until they are provided. */
export const nodeActors = {
  /** Looks in the storage for the hypha of last time, and takes its keys to the vault. */
  recall: unprovidedPromise<Recalled, undefined>('recall'),
  /** Stores what this node needs to be here again without the passphrase. */
  remember: unprovidedPromise<void, Remembering>('remember'),
  /** Turns the passphrase or hyphalink that waits in the vault into the keyring. */
  deriveKeys: unprovidedPromise<void, Entrance>('deriveKeys'),
  /** Opens the database on the storage; at sign-up it also seals the origin. */
  openDatabase: unprovidedPromise<OpenedHypha, Entrance>('openDatabase'),
  /** Tells what happens in the database that matters to this node's life. */
  database: unprovidedCallback<undefined>('database'),
  /** Tells what control messages say: answers to this node's request, and requests of others. */
  channel: unprovidedCallback<undefined>('channel'),
  /** Stops transports, closes the database and wipes the keyring. May be asked again before it is done. */
  release: unprovidedPromise<void, undefined>('release'),
}

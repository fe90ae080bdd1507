import { HyphaError } from '../../protocol/errors.js'
import { type Checks, checkOptions, isUrl } from '../../protocol/given.js'
import type { BrowserStorageOptions, browserStorage as browserStorageOfNode } from './browser-storage.js'
import { createHandles, type Handles } from './handles.js'
import { holdersOfThisPage } from './holders.browser.js'
import { committed, openIndexedDb, request, STORES } from './indexed-db.browser.js'
import { indexedDbStore } from './indexed-db-files.browser.js'
import { splitName } from './names.js'
import { createOpening } from './opening.js'
import { openOpfsStore } from './opfs-files.browser.js'
import { type BrowserFiles, createPagedFiles } from './paged-files.browser.js'
import type { Storage } from './storage.js'
import { createWrapping, type WrappingKey } from './wrapping.js'

export type { BrowserStorageOptions } from './browser-storage.js'

/** The page that is being reloaded lets go a moment after the new one wants it. */
const LOCK_MS = 1_500

const FOLDER = 'hypha-runtime'
const MAX_NAME = 64

/** What is stored beside the files, in IndexedDB. */
interface About {
  readonly version: 1
  /** Where the files are: once chosen it stays, whatever the browser learns. */
  readonly files: 'opfs' | 'indexedDb'
  readonly key: WrappingKey
}

interface Opened {
  readonly release: () => void
  readonly database: IDBDatabase
  readonly key: WrappingKey
  readonly files: BrowserFiles
  readonly handles: Handles
}

const unavailable = (message: string, cause?: unknown) =>
  new HyphaError('STORAGE_UNAVAILABLE', message, { cause })

const FORBIDDEN = 'This browser lets the page store nothing. Allow it to, or leave the private window.'

const mustBePossible = (): void => {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle || !navigator.locks)
    throw unavailable(
      'Browsers store a hypha only for pages that came by https, or from localhost. Open the page by such an address.',
    )
  if (!globalThis.indexedDB) throw unavailable(FORBIDDEN)
}

const isInBackground = (): boolean => typeof document !== 'undefined' && document.hidden

/**
 * Takes a name for this tab. Gives what releases it, or undefined when another has it. A tab in the background does not queue:
 * it would take the name from the tab that somebody reloads.
 */
const takeLock = (name: string): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LOCK_MS)
    const held = (lock: Lock | null) =>
      lock ? new Promise<void>((release) => resolve(release)) : resolve(undefined)
    navigator.locks
      .request(name, isInBackground() ? { ifAvailable: true } : { signal }, held)
      .catch((error) => (signal.aborted ? resolve(undefined) : reject(error)))
  })

const readAbout = (database: IDBDatabase): Promise<About | undefined> =>
  request<About | undefined>(database.transaction(STORES.about).objectStore(STORES.about).get(FOLDER))

const writeAbout = async (database: IDBDatabase, files: About['files']): Promise<About> => {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const about: About = { version: 1, files, key }
  const transaction = database.transaction(STORES.about, 'readwrite', { durability: 'strict' })
  transaction.objectStore(STORES.about).put(about, FOLDER)
  await committed(transaction)
  return about
}

/** Where the browser evicts what a page stored when room gets scarce, it is asked not to; some ask the person. */
const askToKeep = async (): Promise<void> => {
  if (navigator.storage?.persisted && !(await navigator.storage.persisted()))
    await navigator.storage.persist()
}

const failed = (cause: unknown): HyphaError => {
  if (cause instanceof HyphaError) return cause
  if (cause instanceof DOMException && cause.name === 'SecurityError') return unavailable(FORBIDDEN, cause)
  const why = cause instanceof Error ? cause.message : String(cause)
  return new HyphaError(
    'STORAGE_FAILED',
    `What this browser stored can not be used (${why}). Make room, reload the page, and try again.`,
    { cause },
  )
}

/**
 * Keeps a hypha in the browser under a name that is the page's own: in the origin's private file system, or in IndexedDB where
 * workers have no access to that. One tab at a time. The worker comes from a Blob, or from a URL that the page gives.
 *
 *     createNode({ storage: browserStorage('alice') })
 */
export const browserStorage: typeof browserStorageOfNode = (
  name,
  options: BrowserStorageOptions = {},
): Storage => {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME)
    throw new HyphaError('OPTION_INVALID', `browserStorage() takes a name of 1 to ${MAX_NAME} characters.`)
  checkOptions('browserStorage()', options, { worker: isUrl } satisfies Checks<BrowserStorageOptions>)
  const encoded = encodeURIComponent(name).replaceAll('.', '%2E').replaceAll('*', '%2A')
  const place = `${FOLDER}/${encoded}`
  const holders = holdersOfThisPage()
  let hasAsked = false
  let closeNode: (() => Promise<void>) | undefined

  const openFiles = async (database: IDBDatabase): Promise<{ about: About; files: BrowserFiles }> => {
    const known = await readAbout(database)
    if (known?.files === 'indexedDb')
      return { about: known, files: createPagedFiles(indexedDbStore(database)) }
    const opfs = await openOpfsStore({
      alive: `${place}/${crypto.randomUUID()}`,
      folder: [FOLDER, encoded],
      worker: options.worker,
    })
    if (known && !opfs)
      throw unavailable(
        'This browser can not reach the files that it stored. Leave the private window, or update the browser.',
      )
    try {
      const about = known ?? (await writeAbout(database, opfs ? 'opfs' : 'indexedDb'))
      return { about, files: createPagedFiles(opfs ?? indexedDbStore(database)) }
    } catch (error) {
      await opfs?.close()
      throw error
    }
  }

  /** What is written for the first time is worth keeping. */
  const asking =
    (files: BrowserFiles): BrowserFiles['find'] =>
    (file) => {
      const bytes = files.find(file)
      const write: typeof bytes.write = (offset, data, callback) => {
        if (!hasAsked) {
          hasAsked = true
          askToKeep().catch(() => {})
        }
        bytes.write(offset, data, callback)
      }
      return { ...bytes, write }
    }

  const openAll = async (): Promise<Opened> => {
    mustBePossible()
    // The node that a hot reload left behind is no other tab.
    await holders.replace(place, closeNode)
    const release = await takeLock(place)
    if (!release) {
      holders.leave(place, closeNode)
      throw new HyphaError(
        'STORAGE_LOCKED',
        'Another tab or window of this browser has this hypha open. Go on there, or close it and try again.',
      )
    }
    let database: IDBDatabase | undefined
    try {
      database = await openIndexedDb(place)
      const { about, files } = await openFiles(database)
      const find = asking(files)
      const handles = createHandles((file) => find(splitName(file).join('/')))
      return { release, database, key: about.key, files, handles }
    } catch (error) {
      database?.close()
      release()
      holders.leave(place, closeNode)
      throw error
    }
  }

  const opening = createOpening<Opened>({
    open: openAll,
    close: async ({ handles, files, database, release }) => {
      // A worker that ended has let go of its files already.
      await handles.closeAll().catch(() => {})
      await files.close()
      database.close()
      release()
      holders.leave(place, closeNode)
    },
    failed,
  })

  return {
    kind: 'browser',
    open: opening.open,
    file: (file) => opening.held().handles.open(file),
    wrapping: createWrapping(() => opening.held().key),
    whenWanted: (close) => {
      closeNode = close
    },
    close: opening.close,
  }
}

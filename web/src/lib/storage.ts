import storageWorker from 'worker-url:storage-worker.js'
import { browserStorage, type Storage } from 'hypha-runtime'
import { createKept } from './kept.js'

/** Where the runtime's storage keeps everything that a page stored under one name: its lock, its files, its database. */
const FOLDER = 'hypha-runtime'
const FIRST = 'hypha'

const chosen = createKept('storage')
const nameNow = (): string => chosen.getSnapshot() ?? FIRST

/** Where this page keeps its hypha. */
export const pageStorage = (): Storage => browserStorage(nameNow(), { worker: storageWorker })

const remove = async (name: string): Promise<void> => {
  indexedDB.deleteDatabase(`${FOLDER}/${name}`)
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle(FOLDER)
  await folder.removeEntry(name, { recursive: true })
}

/** From now on `pageStorage()` is another, empty one. Gives what removes the one before, once that is closed. */
export const leaveStorage = (): (() => Promise<void>) => {
  const before = nameNow()
  const isKept = chosen.keep(`${FIRST}-${crypto.randomUUID().slice(0, 8)}`)
  // A name that isn't remembered would be lost by a reload, and everything under it.
  if (!isKept) chosen.forget()
  // What can't be removed stays: nobody looks there again.
  return () => remove(before).catch(() => {})
}

/** Whether a tab has what this page stores. */
export const isStorageTaken = async (): Promise<boolean> => {
  const { held = [] } = await navigator.locks.query()
  return held.some(({ name }) => name === `${FOLDER}/${nameNow()}`)
}

/** Asks the browser not to clear it when room gets scarce. Whether it agrees changes nothing here. */
export const askToKeep = (): void => {
  navigator.storage?.persist?.().catch(() => {})
}

import storageWorker from 'worker-url:storage-worker.js'
import { browserStorage, type Storage } from 'hypha-runtime'

/** Where this page keeps its hypha. */
export const pageStorage = (): Storage => browserStorage('hypha', { worker: storageWorker })

/** Asks the browser not to clear it when room gets scarce. Whether it agrees changes nothing here. */
export const askToKeep = (): void => {
  navigator.storage?.persist?.().catch(() => {})
}

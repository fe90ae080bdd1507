import { memoryStorage, type Storage } from 'hypha-runtime'

/** Where this page keeps its hypha. */
export const pageStorage = (): Storage => memoryStorage()

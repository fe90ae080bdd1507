import { createKept } from './kept.js'

const YES = 'yes'

const createFlag = (name: string) => {
  const kept = createKept(name)
  return {
    getSnapshot: () => kept.getSnapshot() !== undefined,
    subscribe: kept.subscribe,
    raise: () => void kept.keep(YES),
    lower: () => kept.forget(),
  }
}

/** A passphrase was made here, and nobody showed that it was saved. */
export const unconfirmed = createFlag('unconfirmed')
/** The last request of this device was declined. */
export const declined = createFlag('declined')

/** Another hypha, and none of it holds. */
export const lowerAll = (): void => {
  unconfirmed.lower()
  declined.lower()
}

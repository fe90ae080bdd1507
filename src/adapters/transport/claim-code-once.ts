import type { Connection } from './transport.js'

/**
 * A transport's claim code, for each connection that it makes. A code that was refused is not sent again: dialling goes on
 * without it, as another of the person's nodes may claim the place meanwhile, and no tries are used up.
 */
export const createClaimCodeOnce = (claimCode: string | undefined) => {
  let isRefused = false
  return (): Pick<Connection, 'claimCode' | 'onCodeRefused' | 'isCodeRefused'> => {
    if (claimCode === undefined) return {}
    if (isRefused) return { isCodeRefused: true }
    return {
      claimCode,
      onCodeRefused: () => {
        isRefused = true
      },
    }
  }
}

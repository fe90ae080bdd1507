import { HyphaError } from '../../protocol/errors.js'

/** Why one can't listen there, as a sentence. */
export const listenFailed = (address: string, error: Error): HyphaError => {
  const code = 'code' in error ? String(error.code) : error.message
  const advice =
    code === 'EADDRINUSE'
      ? 'Another program listens there already: end it, or choose another port.'
      : code === 'EACCES'
        ? 'This user may not: choose a port above 1023.'
        : 'Choose an address of this machine and a free port.'
  return new HyphaError('LISTEN_FAILED', `Can't listen on ${address} (${code}). ${advice}`, { cause: error })
}

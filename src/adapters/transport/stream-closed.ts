import type { Duplex } from 'node:stream'

/** Resolves once the stream has closed, however it ended. */
export const streamClosed = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    if (stream.closed) resolve()
    else stream.once('close', resolve)
  })

import { announce } from './announce.js'
import { streamClosed } from './stream-closed.js'
import type { Connection, DialTarget, TransportHost } from './transport.js'

export interface LinkTarget extends Omit<DialTarget, 'dial'> {
  /** As {@link DialTarget.dial}. */
  dial(signal: AbortSignal): Promise<Connection>
}

/** What is dialled is a link to a peer: the host is told of it, and it is down when its stream has closed. */
export const linkTarget = ({ dial, ...target }: LinkTarget, host: TransportHost): DialTarget => ({
  ...target,
  dial: async (signal) => {
    const connection = await dial(signal)
    const { stream } = connection
    const closed = streamClosed(stream)
    if (signal.aborted) stream.destroy()
    else announce(connection, host)
    return { closed, close: () => stream.destroy() }
  },
})

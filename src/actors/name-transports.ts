import type { Transport } from '../adapters/transport/transport.js'

/** One of the node's transports, by the name that apps turn it on and off by. */
export interface NamedTransport {
  /** `webSocket`, and `webSocket-2` for the second of that name. */
  readonly id: string
  readonly transport: Transport
}

export const nameTransports = (transports: readonly Transport[]): NamedTransport[] => {
  const taken = new Set<string>()
  return transports.map((transport) => {
    let id = transport.name
    for (let number = 2; taken.has(id); number++) id = `${transport.name}-${number}`
    taken.add(id)
    return { id, transport }
  })
}

import { type Transport, type TransportHost, webSocket } from 'hypha-runtime'

/** The way to the always-on node that served this page. It can be given the code of a place later, and then dials anew. */
export interface Road extends Transport {
  /** Where it leads, for people: `example.org:4280`. */
  readonly host: string
  /** Claims a place with this code. */
  useCode(claimCode: string): Promise<void>
  /** Dials now instead of at the next try. */
  retry(): Promise<void>
}

/** @param origin as of `location.origin` */
export const createRoad = (origin: string): Road => {
  let inner = webSocket(origin)
  let started: { discoveryKey: Uint8Array; host: TransportHost } | undefined

  const replace = async (next: Transport) => {
    const before = inner
    inner = next
    await before.stop()
    if (started) await next.start(started.discoveryKey, started.host)
  }
  let code: { claimCode: string } | undefined

  return {
    name: inner.name,
    host: new URL(origin).host,
    start: async (discoveryKey, host) => {
      started = { discoveryKey, host }
      await inner.start(discoveryKey, host)
    },
    stop: async () => {
      started = undefined
      await inner.stop()
    },
    useCode: (claimCode) => {
      code = { claimCode }
      return replace(webSocket(origin, code))
    },
    retry: () => replace(webSocket(origin, code)),
  }
}

import { type Dialling, type Transport, type TransportHost, webSocket } from 'hypha-runtime'

/** The way to the always-on node that served this page. It can be given the code of a place later, and then dials anew. */
export interface Road extends Transport {
  /** Where it leads, for people: `example.org:4280`. */
  readonly host: string
  /** Claims a place with this code. */
  useCode(claimCode: string): Promise<void>
  /** Dials now instead of at the next try. */
  retry(): void
}

/** @param origin as of `location.origin` */
export const createRoad = (origin: string): Road => {
  let inner = webSocket(origin)
  let started: { discoveryKey: Uint8Array; host: TransportHost } | undefined

  let dialling: Dialling | undefined

  const replace = async (next: Transport) => {
    const before = inner
    inner = next
    await before.stop()
    if (started) await next.start(started.discoveryKey, started.host)
  }
  return {
    name: inner.name,
    host: new URL(origin).host,
    start: async (discoveryKey, host) => {
      const dial: TransportHost['dial'] = (target) => {
        dialling = host.dial(target)
        return dialling
      }
      started ??= { discoveryKey, host: { ...host, dial } }
      await inner.start(discoveryKey, started.host)
    },
    stop: async () => {
      started = undefined
      await inner.stop()
    },
    useCode: (claimCode) => replace(webSocket(origin, { claimCode })),
    retry: () => dialling?.retry(),
  }
}

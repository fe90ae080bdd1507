import type { Duplex } from 'node:stream'

/** One established link to a peer: ordered, reliable bytes, both ways. */
export interface Connection {
  /**
   * Bytes to and from the peer, with backpressure. Emits `close` exactly once at its end, `error` before it if there was
   * a reason; destroying it closes the link.
   */
  readonly stream: Duplex
  readonly transport: string
  readonly direction: 'outgoing' | 'incoming'
  /** Where the peer is, for people: `127.0.0.1:4000`, a URL, ... Never holds a secret. */
  readonly address: string
  /** Whether nobody on the road can read along: TLS, or it never leaves this machine. The hyphalink crosses only these. */
  readonly confidential: boolean
  /**
   * Whether the peer is a program of this machine: loopback, and neither a proxy's visitor nor a web page of another
   * site. True only where that is known.
   */
  readonly local?: boolean
  /** The one-time code for claiming a place at the other end, if the person gave one to the transport. */
  readonly claimCode?: string
}

export interface TransportEvents {
  /** A link is up. Whoever is told owns the connection and closes it. */
  connection(connection: Connection): void
  /** Something a person should know: an address that can't be listened on, an unreachable host (once, not at each try). */
  error(error: Error): void
}

/** A road to peers. Started once per node, with the hypha's discovery key; it dials again by itself until stopped. */
export interface Transport {
  /** Names the road in events and user interfaces: `tcp`, `webSocket`, `memory`, ... */
  readonly name: string
  /**
   * Begins to listen and dial for a hypha. Resolves when it listens (dialling goes on behind). Starting again is nothing new.
   * @throws HyphaError LISTEN_FAILED, ADDRESS_INVALID, OPTION_INVALID
   */
  start(discoveryKey: Uint8Array, events: TransportEvents): Promise<void>
  /** Ends listening, dialling and every connection it made. Resolves when no handle is left. */
  stop(): Promise<void>
}

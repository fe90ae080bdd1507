import type { ClaimProof } from '../../protocol/claim.js'
import type { ByteStream } from '../byte-stream.js'

/** One established link to a peer: ordered, reliable bytes, both ways. */
export interface Connection {
  /**
   * Bytes to and from the peer, with backpressure. Emits `close` exactly once at its end, `error` before it if there was
   * a reason; destroying it closes the link.
   */
  readonly stream: ByteStream
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
  /** Whether it passes through somebody's relay (TURN, a DHT's relay). Direct unless said. */
  readonly relayed?: boolean
  /**
   * The hypha that it is for, on roads where peers find each other by that and nobody chose whom to meet. No place is claimed
   * over these: a stranger could offer one, to learn the hyphalink.
   */
  readonly discoveryKey?: Uint8Array
  /** Of an incoming one: which address it counts for, without its port. Behind a proxy of this machine, the visitor's. */
  readonly source?: string
  /** The code for claiming a place at the other end, if the person gave one to the transport. */
  readonly claimCode?: string
  /** Told when the other end did not accept {@link claimCode}: it is not sent again. */
  readonly onCodeRefused?: () => void
  /** The person's code was refused on an earlier connection, and nobody has given another one. */
  readonly isCodeRefused?: boolean
}

/** Something that was dialled: up until it closes. */
export interface Dialled {
  /** Resolves when it is down and nothing of it is left; never rejects. */
  readonly closed: Promise<void>
  /** Ends it. */
  close(): void
}

/** What is to be kept connected. When, is not the transport's concern: a statechart decides it. */
export interface DialTarget {
  /** Where it leads, for people: `127.0.0.1:4000`, a URL without its query. Holds no secret. */
  readonly address: string
  /** Whether it leads to this machine itself, so that being offline means nothing to it. */
  readonly isLocal?: boolean
  /** Whether it leads to no peer, but to who introduces them. */
  readonly isIntroduction?: boolean
  /** One try. When the signal aborts it gives up, and rejects once nothing of the try is left. */
  dial(signal: AbortSignal): Promise<Dialled>
}

/** An address that is kept connected. */
export interface Dialling {
  /** Tries now instead of at the next time. */
  retry(): void
  /** Ends dialling and what was dialled; resolves when nothing is left of it. */
  stop(): Promise<void>
}

/** Seals what only the person's nodes may read or write, as for introductions through a server that nobody trusts. */
export interface IntroductionSeal {
  /** @param context what it is bound to: it opens with the same only */
  seal(plaintext: Uint8Array, context: Uint8Array): Uint8Array
  /** Undefined for what is not of the person's nodes. Never throws. */
  open(sealed: Uint8Array, context: Uint8Array): Uint8Array | undefined
}

/** What a node gives its transports: whom to tell, and who decides when to dial. */
export interface TransportHost {
  /** A link is up. Whoever is told owns the connection and closes it. */
  connection(connection: Connection): void
  /** Something a person should know: an address that can't be listened on, an unreachable host (once, not at each try). */
  error(error: Error): void
  /** Keeps it connected until stopped: dials, and dials again after it was lost. */
  dial(target: DialTarget): Dialling
  /** Undefined on a node without the person's channel: a reader by hyphalink, an always-on node. */
  readonly seal?: IntroductionSeal
  /** Whether the other end has proven to be one of the person's nodes: it keeps its connection when there are too many. */
  isSpared?(connection: Connection): boolean
  /** Proves to an always-on node that this is one of the person's nodes. As {@link seal}. @param nonce its own, 32 bytes */
  prove?(nonce: Uint8Array): ClaimProof | undefined
}

/** A road to peers. Started once per node, with the hypha's discovery key. */
export interface Transport {
  /** Names the road in events and user interfaces: `tcp`, `webSocket`, `memory`, ... */
  readonly name: string
  /**
   * Begins to listen and dial for a hypha. Resolves when it listens (dialling goes on behind). Starting again is nothing new.
   * @throws HyphaError LISTEN_FAILED, ADDRESS_INVALID, OPTION_INVALID, NO_CHANNEL, TRANSPORT_UNAVAILABLE
   */
  start(discoveryKey: Uint8Array, host: TransportHost): Promise<void>
  /** Ends listening, dialling and every connection it made. Resolves when no handle is left. */
  stop(): Promise<void>
}

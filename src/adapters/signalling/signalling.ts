import type { ClaimProof } from '../../protocol/claim.js'

/** What a member of a room hears. */
export interface RoomHandlers {
  /** Somebody came. Who was there before is told by {@link Presence.members}. */
  came(id: string): void
  went(id: string): void
  /** Bytes from a member, as it sealed them. The server may have made them up, or sent them before. */
  message(from: string, sealed: Uint8Array): void
}

export interface Room {
  /** Of the hypha, 32 bytes: all that tells which room it is. */
  readonly discoveryKey: Uint8Array
  /** By which the others know this member: 32 hex digits, random, for this one stay. */
  readonly id: string
  /** Proves to who introduces that this is one of the person's nodes: they keep their seats. Left out without the passphrase. */
  prove?(nonce: Uint8Array): ClaimProof | undefined
}

/** One's being in a room, until it closes. */
export interface Presence {
  /** Who was there already. */
  readonly members: readonly string[]
  /** Sends to one member, who may have left. What is too large for one message is not sent. */
  send(to: string, sealed: Uint8Array): void
  /** Resolves when it is over and nothing of it is left; never rejects. */
  readonly closed: Promise<void>
  close(): void
}

/** A place where nodes of one hypha find each other. It is not trusted: it learns who is there when, and nothing else. */
export interface Signalling {
  /** For people; without secrets. */
  readonly address: string
  /** Whether it is on this machine. */
  readonly isLocal: boolean
  /**
   * Enters a room. Handlers hear nothing before it has resolved. When the signal aborts it rejects once nothing is left.
   * @throws Error, as a reason that follows "because": the room is full, nobody answers, ...
   */
  join(room: Room, heard: RoomHandlers, signal: AbortSignal): Promise<Presence>
}

import type { WebSocket } from 'ws'
import { fromHex } from '../protocol/bytes.js'
import type { ClaimProof } from '../protocol/claim.js'
import {
  MAX_SIGNALLING_MESSAGE_BYTES,
  MAX_SIGNALLING_ROOM_MEMBERS,
  MAX_SIGNALLING_SOCKETS,
  MAX_SIGNALLING_WAITING_BYTES,
  SIGNALLING_BURST,
  SIGNALLING_HEARTBEAT_MS,
  SIGNALLING_JOIN_TIMEOUT_MS,
  SIGNALLING_MESSAGES_PER_SECOND,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
import { createShares } from '../protocol/shares.js'
import {
  decodeToSignalling,
  encodeSignalling,
  type FromSignalling,
  type SignallingRefusal,
  type ToSignalling,
} from '../protocol/signalling.js'

/** WebSocket close codes. */
const NOT_OURS = 1003
const BROKE_A_RULE = 1008
const TRY_LATER = 1013

interface Member {
  readonly socket: WebSocket
  /** Which address it counts for. */
  readonly source: string
  /** Where it is, and by which id; nowhere before it has joined. */
  seat?: Seat
  /** It has proven to be one of the person's nodes. */
  isProven?: boolean
}

interface Room {
  readonly discoveryKey: Uint8Array
  readonly members: Map<string, Member>
}

interface Seat {
  readonly room: Room
  readonly id: string
  /** For a proof to sign; once. */
  nonce?: Uint8Array | undefined
  leave(): void
}

export interface Signalling {
  /** Members of rooms. */
  readonly members: number
  /** Takes a WebSocket that has opened at `/signalling`. When there are too many, the address that has most loses its oldest. */
  add(socket: WebSocket, source: string): void
  /** Ends what it began; the sockets are closed by whoever accepted them. */
  close(): void
}

export interface SignallingOptions {
  /** Milliseconds. */
  now(): number
  /** What a member of this hypha's room signs to prove that it is the person's; undefined where that can't be checked. */
  newNonce?(discoveryKey: Uint8Array): Uint8Array | undefined
  isProven?(proof: ClaimProof, about: { nonce: Uint8Array; discoveryKey: Uint8Array }): boolean
}

/**
 * Introduces nodes to each other, of whichever hypha: a room for each discovery key, where members pass sealed bytes. It
 * keeps nothing when they have left, and can't read what they say.
 */
export const createSignalling = ({ now, newNonce, isProven }: SignallingOptions): Signalling => {
  const rooms = new Map<string, Room>()
  const sockets = new Map<WebSocket, { alive: boolean }>()
  /** Of all rooms, those who have joined none included. */
  const all = createShares<Member>()
  let members = 0

  const say = ({ socket }: Pick<Member, 'socket'>, message: FromSignalling): void => {
    // What a slow member misses it asks for again, or does without.
    if (socket.bufferedAmount > MAX_SIGNALLING_WAITING_BYTES) return
    const bytes = encodeSignalling(message)
    if (bytes.length <= MAX_SIGNALLING_MESSAGE_BYTES) socket.send(bytes, { binary: true, compress: false })
  }

  const refuse = (member: Member, reason: SignallingRefusal): void => {
    say(member, { type: 'refused', reason })
    member.socket.close(TRY_LATER)
  }

  /** Makes room at once: a socket that is closed politely stays for as long as its other end likes. */
  const end = (member: Member): void => {
    member.seat?.leave()
    all.delete(member)
    member.socket.terminate()
  }
  const isSpared = (member: Member): boolean => member.isProven === true

  /** Whoever knows the hyphalink can join: when the room is full, one of those who have not proven to be the person's leaves. */
  const hasSeat = (room: Room, { source }: Member): boolean => {
    if (room.members.size < MAX_SIGNALLING_ROOM_MEMBERS) return true
    const inside = createShares<Member>()
    for (const member of room.members.values()) inside.add(member, member.source)
    const found = inside.oneTooMany(source, isSpared)
    if (found) end(found.holder)
    return found !== undefined
  }

  const join = (member: Member, { room: name, id }: Extract<ToSignalling, { type: 'join' }>) => {
    const discoveryKey = fromHex(name, 32) ?? new Uint8Array(32)
    const room = rooms.get(name) ?? { discoveryKey, members: new Map<string, Member>() }
    if (room.members.has(id)) return refuse(member, 'taken')
    if (!hasSeat(room, member)) return refuse(member, 'full')
    const nonce = newNonce?.(discoveryKey)
    say(member, { type: 'joined', members: [...room.members.keys()], ...(nonce ? { nonce } : {}) })
    for (const other of room.members.values()) say(other, { type: 'came', id })
    room.members.set(id, member)
    rooms.set(name, room)
    members++
    const leave = () => {
      if (room.members.get(id) !== member) return
      members--
      room.members.delete(id)
      for (const other of room.members.values()) say(other, { type: 'went', id })
      if (room.members.size === 0) rooms.delete(name)
    }
    member.seat = { room, id, nonce, leave }
    member.socket.once('close', leave)
  }

  const prove = (member: Member, proof: ClaimProof): void => {
    const { room, nonce } = member.seat ?? {}
    if (member.seat) delete member.seat.nonce
    if (room && nonce && isProven?.(proof, { nonce, discoveryKey: room.discoveryKey })) member.isProven = true
    else member.socket.close(BROKE_A_RULE)
  }

  // Every round somebody has had time to answer the one before.
  const heartbeat = setInterval(() => {
    for (const [socket, state] of sockets) {
      if (!state.alive) socket.terminate()
      state.alive = false
      // Who takes nothing would have pings pile up for as long as it says something.
      if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_SIGNALLING_WAITING_BYTES) continue
      socket.ping()
      say({ socket }, { type: 'beat' })
    }
  }, SIGNALLING_HEARTBEAT_MS)
  heartbeat.unref()

  return {
    get members() {
      return members
    },
    add: (socket, source) => {
      socket.on('error', () => socket.terminate())
      const member: Member = { socket, source }
      const crowding = all.size >= MAX_SIGNALLING_SOCKETS ? all.oneTooMany(source, isSpared) : undefined
      if (crowding) end(crowding.holder)
      all.add(member, source)
      const state = { alive: true }
      sockets.set(socket, state)
      const bucket = createTokenBucket({ rate: SIGNALLING_MESSAGES_PER_SECOND, burst: SIGNALLING_BURST })
      const late = setTimeout(() => {
        if (!member.seat) socket.close(BROKE_A_RULE)
      }, SIGNALLING_JOIN_TIMEOUT_MS)
      socket.once('close', () => {
        clearTimeout(late)
        sockets.delete(socket)
        all.delete(member)
      })
      socket.on('pong', () => {
        state.alive = true
      })
      socket.on('message', (data, isBinary) => {
        state.alive = true
        if (socket.readyState !== socket.OPEN) return
        const message = isBinary && Buffer.isBuffer(data) ? decodeToSignalling(data) : undefined
        if (!message) return socket.close(NOT_OURS)
        if (!bucket.take(now())) return socket.close(BROKE_A_RULE)
        const { seat } = member
        if (message.type === 'join' && !seat) return join(member, message)
        if (message.type === 'join' || !seat) return socket.close(BROKE_A_RULE)
        if (message.type === 'prove') return prove(member, message)
        const other = seat.room.members.get(message.to)
        if (other && other !== member) say(other, { type: 'message', from: seat.id, sealed: message.sealed })
      })
    },
    close: () => clearInterval(heartbeat),
  }
}

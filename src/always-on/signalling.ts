import type { WebSocket } from 'ws'
import {
  MAX_SIGNALLING_MESSAGE_BYTES,
  MAX_SIGNALLING_ROOM_MEMBERS,
  MAX_SIGNALLING_ROOMS,
  MAX_SIGNALLING_WAITING_BYTES,
  SIGNALLING_BURST,
  SIGNALLING_HEARTBEAT_MS,
  SIGNALLING_JOIN_TIMEOUT_MS,
  SIGNALLING_MESSAGES_PER_SECOND,
} from '../protocol/limits.js'
import { createTokenBucket } from '../protocol/rate-limit.js'
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
  /** Where it is, and by which id; nowhere before it has joined. */
  seat?: { readonly room: Map<string, Member>; readonly id: string }
}

export interface Signalling {
  /** Members of rooms. */
  readonly members: number
  /** Takes a WebSocket that has opened at `/signalling`. */
  add(socket: WebSocket): void
  /** Ends what it began; the sockets are closed by whoever accepted them. */
  close(): void
}

export interface SignallingOptions {
  /** Milliseconds. */
  now(): number
  /** Smaller ones, for tests. */
  readonly maxRooms?: number
  readonly maxMembers?: number
}

/**
 * Introduces nodes to each other, of whichever hypha: a room for each discovery key, where members pass sealed bytes. It
 * keeps nothing when they have left, and can't read what they say.
 */
export const createSignalling = ({
  now,
  maxRooms = MAX_SIGNALLING_ROOMS,
  maxMembers = MAX_SIGNALLING_ROOM_MEMBERS,
}: SignallingOptions): Signalling => {
  const rooms = new Map<string, Map<string, Member>>()
  const sockets = new Map<WebSocket, { alive: boolean }>()
  let members = 0

  const say = ({ socket }: Member, message: FromSignalling): void => {
    // What a slow member misses it asks for again, or does without.
    if (socket.bufferedAmount > MAX_SIGNALLING_WAITING_BYTES) return
    const bytes = encodeSignalling(message)
    if (bytes.length <= MAX_SIGNALLING_MESSAGE_BYTES) socket.send(bytes, { binary: true, compress: false })
  }

  const refuse = (member: Member, reason: SignallingRefusal): void => {
    say(member, { type: 'refused', reason })
    member.socket.close(TRY_LATER)
  }

  const join = (member: Member, { room: name, id }: Extract<ToSignalling, { type: 'join' }>) => {
    const room = rooms.get(name) ?? new Map<string, Member>()
    if (room.size >= maxMembers || (room.size === 0 && rooms.size >= maxRooms)) return refuse(member, 'full')
    if (room.has(id)) return refuse(member, 'taken')
    say(member, { type: 'joined', members: [...room.keys()] })
    for (const other of room.values()) say(other, { type: 'came', id })
    room.set(id, member)
    rooms.set(name, room)
    member.seat = { room, id }
    members++
    member.socket.once('close', () => {
      members--
      room.delete(id)
      for (const other of room.values()) say(other, { type: 'went', id })
      if (room.size === 0) rooms.delete(name)
    })
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
    add: (socket) => {
      socket.on('error', () => socket.terminate())
      const member: Member = { socket }
      const state = { alive: true }
      sockets.set(socket, state)
      const bucket = createTokenBucket({ rate: SIGNALLING_MESSAGES_PER_SECOND, burst: SIGNALLING_BURST })
      const late = setTimeout(() => {
        if (!member.seat) socket.close(BROKE_A_RULE)
      }, SIGNALLING_JOIN_TIMEOUT_MS)
      socket.once('close', () => {
        clearTimeout(late)
        sockets.delete(socket)
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
        const other = seat.room.get(message.to)
        if (other && other !== member) say(other, { type: 'message', from: seat.id, sealed: message.sealed })
      })
    },
    close: () => clearInterval(heartbeat),
  }
}

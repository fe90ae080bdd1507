import { connect, type Socket } from 'node:net'
import { createLane, type Flow, type Lane } from './lane.js'
import type { WireDirection } from './wire-direction.js'

/** Two sockets with a lane each way between them: one connection through a wire. */
export interface Pair {
  readonly lanes: Readonly<Record<WireDirection, Lane>>
  flow(): void
  reset(): void
  /** Says goodbye in that direction, or both. */
  end(direction?: WireDirection): void
  silence(direction?: WireDirection): void
  /** Whether one of its ends hears nothing any more. */
  readonly isSilent: boolean
  destroy(): void
}

export interface PairOptions {
  readonly client: Socket
  readonly to: { readonly host: string; readonly port: number }
  readonly flows: Readonly<Record<WireDirection, Flow>>
  /** The second socket, which is only now being connected. */
  onSocket(socket: Socket): void
  onClosed(): void
}

/** Both sockets stay paused until the second one is connected. */
export const createPair = ({ client, to, flows, onSocket, onClosed }: PairOptions): Pair => {
  const server = connect({ ...to, noDelay: true, allowHalfOpen: true })
  onSocket(server)
  const lanes = {
    up: createLane(client, server, flows.up),
    down: createLane(server, client, flows.down),
  }
  client.pause()
  server.once('connect', () => client.resume())

  /** The end of one is the other's, unless nothing gets through to it. */
  const follow = (gone: Socket, other: Socket, lane: Lane) => {
    let hasFailed = false
    gone.on('error', () => {
      hasFailed = true
    })
    gone.on('close', () => {
      if (other.closed) {
        stop()
        onClosed()
      } else if (lane.isSilent) other.resume()
      else if (hasFailed) reset(other)
    })
  }
  const stop = () => {
    lanes.up.close()
    lanes.down.close()
  }
  const reset = (socket: Socket) => {
    // A socket that isn't connected has nobody to tell.
    if (socket.connecting || socket.destroyed) socket.destroy()
    else socket.resetAndDestroy()
  }
  follow(client, server, lanes.up)
  follow(server, client, lanes.down)

  return {
    lanes,
    flow: () => {
      lanes.up.flow()
      lanes.down.flow()
    },
    reset: () => {
      stop()
      reset(client)
      reset(server)
    },
    end: (direction) => {
      if (direction !== 'down') server.end()
      if (direction !== 'up') client.end()
      if (direction === undefined) {
        stop()
        client.resume()
        server.resume()
      } else lanes[direction].close()
    },
    silence: (direction) => {
      if (direction !== 'down') lanes.up.silence()
      if (direction !== 'up') lanes.down.silence()
    },
    get isSilent() {
      return lanes.up.isSilent || lanes.down.isSilent
    },
    destroy: () => {
      stop()
      client.destroy()
      server.destroy()
    },
  }
}

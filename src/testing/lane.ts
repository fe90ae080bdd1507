import type { Socket } from 'node:net'

/** What all connections of a wire have in common in one direction. */
export interface Flow {
  readonly isPaused: boolean
  /** Milliseconds that what arrives now is kept back. */
  delay(): number
  /** Milliseconds until anything may pass. */
  wait(now: number): number
  /** How many of so many bytes may pass now; none when a cut is due. They count as passed. */
  take(wanted: number, now: number): number
  /** So many have left for the sink. */
  passed(count: number): void
}

/** One direction of one connection. */
export interface Lane {
  /** Looks again at what may pass. */
  flow(): void
  /** From now on what arrives vanishes. */
  silence(): void
  readonly isSilent: boolean
  close(): void
}

interface Piece {
  readonly due: number
  /** Undefined is the end. */
  readonly bytes: Buffer | undefined
}

/** Bytes that wait here for their time before nothing more is read: as much as a long road holds. */
const MAX_WAITING_BYTES = 256 * 1024

/** Carries bytes from one socket to another, at the pace of its flow. What the sink doesn't take is not read. */
export const createLane = (source: Socket, sink: Socket, shared: Flow): Lane => {
  const queue: Piece[] = []
  let waiting = 0
  let lastDue = 0
  let isBlocked = false
  let isSilent = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const flow = (): void => {
    clearTimeout(timer)
    while (!isClosed && !isSilent && !isBlocked && !shared.isPaused) {
      const [head] = queue
      if (!head) return
      const now = performance.now()
      const wait = Math.max(head.due - now, shared.wait(now))
      if (wait > 0) {
        timer = setTimeout(flow, Math.ceil(wait))
        return
      }
      if (!head.bytes) {
        queue.shift()
        sink.end()
        return
      }
      const count = shared.take(head.bytes.length, now)
      if (count === 0) return
      if (count < head.bytes.length) queue[0] = { due: head.due, bytes: head.bytes.subarray(count) }
      else queue.shift()
      waiting -= count
      isBlocked = !sink.write(head.bytes.subarray(0, count), () => shared.passed(count))
      if (waiting < MAX_WAITING_BYTES) source.resume()
    }
  }

  const add = (bytes: Buffer | undefined): void => {
    // Bytes keep their order, whatever each one's delay.
    lastDue = Math.max(lastDue, performance.now() + shared.delay())
    queue.push({ due: lastDue, bytes })
    waiting += bytes?.length ?? 0
    if (waiting >= MAX_WAITING_BYTES) source.pause()
    flow()
  }

  source.on('data', (bytes: Buffer) => {
    if (!isSilent && !isClosed) add(bytes)
  })
  source.on('end', () => {
    if (isSilent) source.destroy()
    else if (!isClosed) add(undefined)
  })
  sink.on('drain', () => {
    isBlocked = false
    flow()
  })

  return {
    flow,
    silence: () => {
      isSilent = true
      queue.length = 0
      clearTimeout(timer)
      // Read on, so that the end is noticed.
      source.resume()
    },
    get isSilent() {
      return isSilent
    },
    close: () => {
      isClosed = true
      queue.length = 0
      clearTimeout(timer)
    },
  }
}

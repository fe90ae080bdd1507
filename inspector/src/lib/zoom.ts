/** The part of a picture that is looked at, in the picture's own units. */
export interface Frame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Room {
  readonly width: number
  readonly height: number
}

/** How many times a picture may be enlarged over its own size, and made smaller. */
const MAX_SCALE = 4
const MIN_SCALE = 0.1

/** All of a picture in the middle of a room, not larger than life. */
export const showAll = (picture: Room, room: Room, margin = 12): Frame => {
  const inner = { width: Math.max(1, room.width - 2 * margin), height: Math.max(1, room.height - 2 * margin) }
  const scale = Math.min(1.6, inner.width / picture.width, inner.height / picture.height)
  return frameAround(picture.width / 2, picture.height / 2, scale, room)
}

const frameAround = (x: number, y: number, scale: number, room: Room): Frame => {
  const width = room.width / scale
  const height = room.height / scale
  return { x: x - width / 2, y: y - height / 2, width, height }
}

export const scaleOf = (frame: Frame, room: Room): number => room.width / frame.width

/** Larger or smaller about a point of the room, in pixels. */
export const zoom = (
  frame: Frame,
  by: number,
  room: Room,
  at = { x: room.width / 2, y: room.height / 2 },
): Frame => {
  const now = scaleOf(frame, room)
  const scale = Math.max(MIN_SCALE, Math.min(MAX_SCALE, now * by))
  const x = frame.x + at.x / now
  const y = frame.y + at.y / now
  const [width, height] = [room.width / scale, room.height / scale]
  return { x: x - at.x / scale, y: y - at.y / scale, width, height }
}

/** By pixels of the room; the picture can't be lost out of sight. */
export const pan = (frame: Frame, dx: number, dy: number, picture: Room, room: Room): Frame => {
  const scale = scaleOf(frame, room)
  const keep = (value: number, size: number, whole: number) =>
    Math.max(-size * 0.8, Math.min(value, whole - size * 0.2))
  return {
    ...frame,
    x: keep(frame.x - dx / scale, frame.width, picture.width),
    y: keep(frame.y - dy / scale, frame.height, picture.height),
  }
}

/** Moves just so far that a box is in sight, at a scale at which it can be read. */
export const reveal = (frame: Frame, box: Frame, room: Room): Frame => {
  const margin = 40 / scaleOf(frame, room)
  const along = (begin: number, size: number, from: number, length: number) => {
    if (length + 2 * margin > size) return from + length / 2 - size / 2
    if (from - margin < begin) return from - margin
    return from + length + margin > begin + size ? from + length + margin - size : begin
  }
  return {
    ...frame,
    x: along(frame.x, frame.width, box.x, box.width),
    y: along(frame.y, frame.height, box.y, box.height),
  }
}

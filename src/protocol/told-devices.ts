import { concat, fromHex, toHex } from './bytes.js'
import { MAX_FEEDS_PER_CONNECTION } from './limits.js'

/** A device that may write, and what this one's person has been told of it. */
export interface ToldDevice {
  /** Hex. */
  readonly writerKey: string
  /** Its admission was news, and nobody has dismissed it yet. */
  readonly isNotice: boolean
}

/** What a node remembers of whom it has told of, so that one that was away tells of the others only. */
export interface ToldDevices {
  /** Whether the history that was there before this node has arrived: what comes from then on is news. */
  readonly isSettled: boolean
  /** In the order in which they were learnt of. */
  readonly devices: readonly ToldDevice[]
}

const VERSION = 1
const KEY_BYTES = 32
const HEAD_BYTES = 2
const DEVICE_BYTES = KEY_BYTES + 1

/** Devices that are remembered: as many as a hypha may have. */
export const MAX_TOLD_DEVICES = MAX_FEEDS_PER_CONNECTION
export const MAX_TOLD_BYTES = HEAD_BYTES + DEVICE_BYTES * MAX_TOLD_DEVICES

/** Of more than {@link MAX_TOLD_DEVICES} the last ones. */
export const encodeToldDevices = ({ isSettled, devices }: ToldDevices): Uint8Array =>
  concat(
    Uint8Array.of(VERSION, isSettled ? 1 : 0),
    ...devices
      .slice(-MAX_TOLD_DEVICES)
      .flatMap(({ writerKey, isNotice }) => [
        fromHex(writerKey, KEY_BYTES) ?? new Uint8Array(KEY_BYTES),
        Uint8Array.of(isNotice ? 1 : 0),
      ]),
  )

/** Undefined for what is damaged, or of another version. */
export const decodeToldDevices = (bytes: Uint8Array): ToldDevices | undefined => {
  const [version, settled] = bytes
  const isWhole = (bytes.length - HEAD_BYTES) % DEVICE_BYTES === 0 && bytes.length <= MAX_TOLD_BYTES
  if (version !== VERSION || settled === undefined || settled > 1 || !isWhole) return undefined
  const devices: ToldDevice[] = []
  for (let at = HEAD_BYTES; at < bytes.length; at += DEVICE_BYTES) {
    const flag = bytes[at + KEY_BYTES]
    if (flag !== 0 && flag !== 1) return undefined
    devices.push({ writerKey: toHex(bytes.subarray(at, at + KEY_BYTES)), isNotice: flag === 1 })
  }
  return { isSettled: settled === 1, devices }
}

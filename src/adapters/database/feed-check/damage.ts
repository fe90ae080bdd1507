import { HyphaError } from '../../../protocol/errors.js'
import type { Examination } from './examine-feed.js'

/** Tells of what a storage did to the feeds in it: once for each feed and kind, however much of it there is. */
export interface DamageReports {
  /** What was found before a feed was opened. */
  examined(name: string, found: Examination): void
  /** The key to write with was lost, and is another now. */
  replaced(): void
  /** What was noted of the own feed was lost. */
  recordLost(): void
  /** A block turned out to be damaged when it was read. */
  block(name: string, block: number): void
}

const HOW = 'The disk may be failing: keep another device at hand.'

export const createDamageReports = (report: (error: HyphaError) => void): DamageReports => {
  const told = new Set<string>()
  const tell = (code: 'STORAGE_DAMAGED' | 'FEED_CORRUPT', name: string, message: string) => {
    if (told.has(code + name)) return
    told.add(code + name)
    report(new HyphaError(code, message))
  }
  const missing = (name: string, from: number) =>
    tell(
      'FEED_CORRUPT',
      name,
      `What was stored of ${name} is damaged from block ${from} on, and is fetched again from the first device that has it. Connect one; other writers are not concerned. ${HOW}`,
    )
  return {
    examined(name, found) {
      if (found.lost) missing(name, found.lost.first)
      else if (found.isMended) {
        tell(
          'STORAGE_DAMAGED',
          name,
          `What was stored of ${name} was damaged, and has been mended from what was left. Nothing is lost. ${HOW}`,
        )
      }
    },
    replaced: () =>
      tell(
        'STORAGE_DAMAGED',
        'key',
        `The secret key that this device writes with was damaged. Nothing had been written with it, and it has another now: where it is to write, ask again to be let in. ${HOW}`,
      ),
    recordLost: () =>
      tell(
        'STORAGE_DAMAGED',
        'record',
        `What this device had noted of its own entries is damaged. They have been looked for and found; whether any are missing shows once another device is met, so connect one. ${HOW}`,
      ),
    block: missing,
  }
}

export const damagedValue = (): HyphaError =>
  new HyphaError(
    'STORAGE_DAMAGED',
    'This value is damaged in the storage. It is fetched again from the first device that has it: connect one, and read again.',
  )

export const OWN_ENTRIES = 'this device’s own entries'

export const lostEntries = (entries: number): HyphaError =>
  new HyphaError(
    'STORAGE_DAMAGED',
    `The storage has lost the last ${entries} entries that this device wrote, and no other device has them. Check its disk; what is left goes on.`,
  )

import type { HyperdbOptions, Writer } from 'hyperdb'

export interface MendedOptions extends HyperdbOptions {
  /** Hears of each writer as it takes its place in `feeds`. */
  onWriter?: (writer: Writer) => void
  /** A feed that can't be opened: hyperdb itself would wait for it for ever. */
  onFault?: (error: Error, writer: Writer) => void
  /**
   * How many blocks of another's feed hyperdb may count on. Without it hyperdb believes what peers claim, waits for blocks
   * that may never come, and blocks every later put meanwhile.
   */
  lengthOf?: (writer: Writer) => number
  /** Hears of a feed's folder and key before the first of its files is asked for. */
  onFolder?: (folder: string, key: Buffer) => void
  /** A block of a feed was read and is damaged: it is asked for again. */
  onDamaged?: (writer: Writer, block: number) => void
  /** Before the moment that a write's clock and heads are of. */
  beforeWriting?: () => Promise<void>
  /** Before peers hear of blocks of the own feed, which are stored, up to this length. */
  beforeAnnouncing?: (length: number) => Promise<void>
}

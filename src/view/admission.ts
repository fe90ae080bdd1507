import type { HistoryEntry } from '../adapters/database/database.js'
import { ORIGIN_LENGTH } from '../protocol/limits.js'
import { knows, type Place } from './causality.js'

/** The origin's feed: its one entry is the seal. */
export const ORIGIN = 0
/** The origin's only entry: it authorises the founding writer. What comes after it is not honoured. */
export const SEAL: Place = { feed: ORIGIN, seq: ORIGIN_LENGTH - 1 }

/**
 * The rule of admission: an entry counts only if one of the admissions of its feed lies in its own causal past.
 *
 * So whether it counts is settled when it arrives, and for good. History arrives in causal order: every admission that lies in its past
 * came before it; every one that comes later does not lie in its past, now or ever, since its clock is part of it. What does not
 * count can be forgotten, and every causal order of arrival gives the same answer.
 */
export const counts = (entry: HistoryEntry, admissions: readonly Place[]): boolean =>
  admissions.some((admission) => knows(entry, admission))

/** Which feeds are admitted, and by which entries. Revocation will be another rule here. */
export interface Admissions {
  counts(entry: HistoryEntry): boolean
  isAdmitted(feed: number): boolean
  /** `by` is an entry that counts (or the seal) and admits `feed`. */
  admit(feed: number, by: Place): void
}

export const createAdmissions = (): Admissions => {
  // Feed → its admissions, one a feed that admits it: the first of a feed lies in the past of all that see a later one.
  const admissions: Place[][] = []

  return {
    counts(entry) {
      const ofFeed = admissions[entry.feed]
      return ofFeed !== undefined && counts(entry, ofFeed)
    },
    isAdmitted: (feed) => admissions[feed] !== undefined,
    admit(feed, by) {
      const ofFeed = admissions[feed]
      if (!ofFeed) admissions[feed] = [{ feed: by.feed, seq: by.seq }]
      else if (!ofFeed.some((earlier) => earlier.feed === by.feed))
        ofFeed.push({ feed: by.feed, seq: by.seq })
    },
  }
}

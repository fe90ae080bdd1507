/** Files that one storage holds open at a time; those used least recently are closed, and opened again when needed. */
const MAX_OPEN = 512
/** What takes longer is a disk that has to be waited for: a network's, one that sleeps, one that is busy. */
const SLOW_MS = 10
/** For how long it is then waited for elsewhere. */
const SLOW_FOR_MS = 2_000
/** More than this is always left to another thread. */
const MAX_QUICK_BYTES = 64 * 1024

export interface OpenFile {
  /** Lets go of the file, if nothing is under way. False when it can't now. */
  rest(): boolean
}

/** What the files of a storage share: how many may be open, and how fast the disk is. */
export interface OpenFiles {
  /** Is open, and was used now. */
  touch(file: OpenFile): void
  /** Is not in use any more: if too many are open, one of them is closed. */
  settle(file: OpenFile): void
  forget(file: OpenFile): void
  /** Lets go of what is not in use now: the system has no more files to give. True if there was any. */
  rest(): boolean
  /**
   * Small reads and writes end in the system's memory, in a few µs, where another thread would take 50 µs and more. So they
   * are done at once, for as long as the disk is quick.
   */
  isQuick(bytes: number): boolean
  /** Does something that the disk answers at once, and looks at the clock. */
  timed<T>(run: () => T): T
}

export const createOpenFiles = (): OpenFiles => {
  /** Least recently used first. */
  const open = new Set<OpenFile>()
  let slowUntil = 0
  return {
    touch(file) {
      open.delete(file)
      open.add(file)
    },
    settle(file) {
      if (open.size <= MAX_OPEN) return
      const [oldest] = open
      if (!oldest?.rest()) file.rest()
    },
    forget: (file) => open.delete(file),
    rest() {
      let rested = false
      for (const file of [...open]) rested = file.rest() || rested
      return rested
    },
    isQuick: (bytes) => bytes <= MAX_QUICK_BYTES && performance.now() >= slowUntil,
    timed(run) {
      const start = performance.now()
      const result = run()
      const end = performance.now()
      if (end - start > SLOW_MS) slowUntil = end + SLOW_FOR_MS
      return result
    },
  }
}

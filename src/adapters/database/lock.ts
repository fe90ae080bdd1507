import { soon } from '../soon.js'

/** Lets the next have its turn, and then calls back. */
export type Release = (callback: unknown, error?: Error | null, value?: unknown) => void

export type Lock = (work: (release: Release) => void) => void

/** One at a time, in turn, as hyperdb's own lock; that one lets a tick go by for each. */
export const createLock = (): Lock => {
  const waiting: ((release: Release) => void)[] = []
  let isHeld = false
  const run = (work: (release: Release) => void): void => soon(() => work(release), null)
  const release: Release = (callback, error = null, value) => {
    const next = waiting.shift()
    if (next) run(next)
    else isHeld = false
    if (typeof callback === 'function') callback(error, value)
  }
  return (work) => {
    if (isHeld) waiting.push(work)
    else {
      isHeld = true
      run(work)
    }
  }
}

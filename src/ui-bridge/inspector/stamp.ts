/** Wall clocks are set, and the monotonic one stands still while a computer sleeps: beyond this the latter is set anew. */
const MAX_DRIFT_MS = 50

/** Milliseconds since 1970 with fractions, as text; never goes back but when the computer's clock was set back. */
export const createStamp = (): (() => string) => {
  let offset = Date.now() - performance.now()
  return () => {
    const wall = Date.now()
    let time = performance.now() + offset
    if (Math.abs(time - wall) > MAX_DRIFT_MS) {
      time = wall
      offset = wall - performance.now()
    }
    return time.toFixed(3)
  }
}

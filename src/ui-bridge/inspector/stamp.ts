/** Wall clocks are set, and the monotonic one stands still while a computer sleeps: beyond this the latter is set anew. */
const MAX_DRIFT_MS = 50

/** Of all recordings here, so that what happens on several nodes is in order; and the same on all processes of a computer. */
let origin = performance.timeOrigin

/** Milliseconds since 1970 with fractions, as text; never goes back but when the computer's clock was set back. */
export const stamp = (): string => {
  const wall = Date.now()
  const now = performance.now()
  if (Math.abs(origin + now - wall) > MAX_DRIFT_MS) origin = wall - now
  return (origin + now).toFixed(3)
}

/** Frames don't come while a page is hidden, and what it shows has to change all the same: its title, say. */
const HIDDEN_MS = 200
/** Where there are no frames at all. */
const FRAME_MS = 16

/** A page's own; Node has none. */
const frames = globalThis as {
  requestAnimationFrame?: (run: () => void) => number
  cancelAnimationFrame?: (frame: number) => void
}

/** Runs once, at the next frame or soon after, and holds no process for it. Gives how to call it off. */
export const onNextFrame = (run: () => void): (() => void) => {
  const end = () => {
    if (frame !== undefined) frames.cancelAnimationFrame?.(frame)
    clearTimeout(timer)
  }
  const once = () => {
    end()
    run()
  }
  const frame = frames.requestAnimationFrame?.(once)
  const timer = inBackground(once, frame === undefined ? FRAME_MS : HIDDEN_MS)
  return end
}

/** A timer that holds no process. */
export const inBackground = (run: () => void, delay: number): ReturnType<typeof setTimeout> => {
  const timer = setTimeout(run, delay)
  // A page's timers are numbers, whatever the types of Node say.
  if (typeof timer === 'object') timer.unref?.()
  return timer
}

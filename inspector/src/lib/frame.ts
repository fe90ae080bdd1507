/** Frames don't come while a tab is hidden, and its title has to change all the same. */
const HIDDEN_MS = 200

/** Runs once, at the next frame or soon after. Gives how to call it off. */
export const onNextFrame = (run: () => void): (() => void) => {
  const end = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  const once = () => {
    end()
    run()
  }
  const frame = requestAnimationFrame(once)
  const timer = setTimeout(once, HIDDEN_MS)
  return end
}

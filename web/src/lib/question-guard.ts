/** A question takes answers after this long without a press or a key. Longer than any double click, and than most second thoughts. */
export const QUIET_MS = 1_500
/** A key whose release was never heard counts as held for so long. */
const HELD_MS = 10_000
/** Places that differ by less are the same: browsers round them. */
const MOVED_PX = 4

const PRESSES = ['pointerdown', 'keydown']
const RELEASES = ['pointerup', 'pointercancel', 'keyup']

/** Keeps a question from being answered by what was meant for something else. */
export interface QuestionGuard {
  /** Whether this click was made for the question that is on the screen. One that wasn't closes the guard. */
  takes(click: { readonly timeStamp: number }): boolean
  stop(): void
}

/**
 * A question that has just appeared lies under a pointer, a finger or somebody's typing. It takes nothing until it was painted,
 * and nobody has pressed or typed anything for a moment after that; and anew when its buttons have moved. A late timer opens it
 * late, and what was pressed before it opened is told by its own time, however late it comes.
 *
 * @param answers the element that holds the buttons
 * @param changed is told whether answers are taken
 */
export const guardQuestion = (answers: Element, changed: (isOpen: boolean) => void): QuestionGuard => {
  let openedAt = Number.POSITIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  let frame = 0
  let place: { left: number; top: number } | undefined
  /** When each began. */
  const held = new Map<string, number>()

  const placeNow = () => {
    const { left, top } = answers.getBoundingClientRect()
    return { left: left + scrollX, top: top + scrollY }
  }
  const hasMoved = (): boolean => {
    if (!place) return false
    const { left, top } = placeNow()
    return Math.abs(left - place.left) > MOVED_PX || Math.abs(top - place.top) > MOVED_PX
  }
  const isHeld = () => [...held.values()].some((since) => performance.now() - since < HELD_MS)

  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => (isHeld() ? wait() : open()), QUIET_MS)
  }
  const open = () => {
    openedAt = performance.now()
    changed(true)
    // Where it is once it looks open.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        place = placeNow()
      })
    })
  }
  const begin = () => {
    if (openedAt !== Number.POSITIVE_INFINITY) changed(false)
    openedAt = Number.POSITIVE_INFINITY
    place = undefined
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    // The second frame begins when the first has been painted; a page that nobody sees has none.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(wait)
    })
  }
  const nameOf = (event: Event): string =>
    event instanceof KeyboardEvent
      ? event.code
      : `pointer ${event instanceof PointerEvent && event.pointerId}`
  const notice = (event: Event) => {
    if (PRESSES.includes(event.type)) {
      if (!held.has(nameOf(event))) held.set(nameOf(event), event.timeStamp)
    } else held.delete(nameOf(event))
    // One that was made before it opened came late: it was not quiet.
    if (event.timeStamp <= openedAt) begin()
  }
  const forget = () => held.clear()
  const look = () => {
    if (hasMoved()) begin()
  }

  const heard = [...PRESSES, ...RELEASES]
  for (const type of heard) addEventListener(type, notice, true)
  addEventListener('blur', forget)
  const sizes = new ResizeObserver(look)
  // Whatever moves it, an element around it grows or shrinks: a dialog, a list, the page.
  for (let around: Element | null = answers; around; around = around.parentElement) sizes.observe(around)
  begin()
  return {
    takes: ({ timeStamp }) => {
      const isTaken = timeStamp > openedAt && !hasMoved()
      if (!isTaken) begin()
      return isTaken
    },
    stop: () => {
      clearTimeout(timer)
      cancelAnimationFrame(frame)
      sizes.disconnect()
      for (const type of heard) removeEventListener(type, notice, true)
      removeEventListener('blur', forget)
    },
  }
}

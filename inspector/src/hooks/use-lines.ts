import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useSize } from './use-size.js'

/** Lines above and below what is seen that are drawn, too. */
const MARGIN = 6

export interface Lines {
  readonly first: number
  /** After the last. */
  readonly end: number
  readonly onScroll: () => void
  /** Brings a line into sight, if it isn't. */
  show(line: number, where?: 'near' | 'end' | 'middle'): void
}

/** Which of many lines of one height are to be drawn: those in sight, however many there are. */
export const useLines = (
  ref: RefObject<HTMLElement | null>,
  total: number,
  height: number,
  head = 0,
): Lines => {
  const room = useSize(ref)
  const [top, setTop] = useState(0)
  const wanted = useRef<number | undefined>(undefined)
  useLayoutEffect(() => {
    if (wanted.current === undefined || !ref.current) return
    ref.current.scrollTop = wanted.current
    wanted.current = undefined
    setTop(ref.current.scrollTop)
  })
  const shown = Math.max(1, Math.ceil((room.height - head) / height))
  const first = Math.max(0, Math.min(Math.floor(top / height) - MARGIN, total - shown))
  return {
    first,
    end: Math.min(total, Math.floor(top / height) + shown + MARGIN),
    onScroll: () => setTop(ref.current?.scrollTop ?? 0),
    show: (line, where = 'near') => {
      const element = ref.current
      if (!element) return
      const inside = element.clientHeight - head
      const above = line * height
      const [now] = [element.scrollTop]
      const middle = above - (inside - height) / 2
      const next =
        where === 'end'
          ? total * height - inside
          : where === 'middle'
            ? middle
            : above < now
              ? above
              : above + height > now + inside
                ? above + height - inside
                : now
      if (Math.abs(next - now) >= 1) wanted.current = Math.max(0, next)
      if (wanted.current !== undefined) element.scrollTop = wanted.current
    },
  }
}

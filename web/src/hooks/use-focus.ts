import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Takes the focus to an element when it appears, as a new page would: a heading with `tabIndex={-1}`. */
export const useFocus = <E extends HTMLElement>(isWanted = true): RefObject<E | null> => {
  const ref = useRef<E>(null)
  useEffect(() => {
    if (isWanted) ref.current?.focus()
  }, [])
  return ref
}

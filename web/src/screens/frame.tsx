import type { ComponentChildren } from 'preact'
import { useFocus } from '../hooks/use-focus.js'
import { useTitle } from '../hooks/use-title.js'
import { Mark } from '../parts/mark.js'

/** A screen with one thing on it: the way in, and what comes before. */
export const Frame = ({
  title,
  keepsFocus = false,
  children,
}: {
  title: string
  /** Something on it takes the focus; else the heading does. */
  keepsFocus?: boolean
  children: ComponentChildren
}) => {
  const heading = useFocus<HTMLHeadingElement>(!keepsFocus)
  useTitle(0, title)
  return (
    <main class="frame">
      <p class="brand">
        <Mark /> Hypha
      </p>
      <div class="card">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {children}
      </div>
    </main>
  )
}

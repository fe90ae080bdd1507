import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'

/** A border that is moved by pointer and keys. */
export const Splitter = ({
  label,
  direction,
  value,
  min,
  max,
  grows,
  onChange,
}: {
  label: string
  /** Of the border itself. */
  direction: 'vertical' | 'horizontal'
  /** How large what it is the border of is, in pixels. */
  value: number
  min: number
  max: number
  /** Which way makes it larger: 1 is right or down. */
  grows: 1 | -1
  onChange: (value: number) => void
}): JSX.Element => {
  const drag = useRef<{ at: number; value: number } | undefined>(undefined)
  const set = (next: number) => onChange(Math.round(Math.max(min, Math.min(max, next))))
  const along = (event: PointerEvent) => (direction === 'vertical' ? event.clientX : event.clientY)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a border that moves has no element of its own
    <div
      class={`splitter ${direction}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={direction}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { at: along(event), value }
      }}
      onPointerMove={(event) => {
        if (drag.current) set(drag.current.value + grows * (along(event) - drag.current.at))
      }}
      onPointerUp={() => {
        drag.current = undefined
      }}
      onPointerCancel={() => {
        drag.current = undefined
      }}
      onKeyDown={(event) => {
        const back = direction === 'vertical' ? 'ArrowLeft' : 'ArrowUp'
        const on = direction === 'vertical' ? 'ArrowRight' : 'ArrowDown'
        if (event.key !== back && event.key !== on) return
        set(value + (event.key === on ? 1 : -1) * grows * 24)
        event.preventDefault()
        event.stopPropagation()
      }}
    />
  )
}

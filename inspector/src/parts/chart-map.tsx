import type { JSX } from 'preact'
import type { Frame, Room } from '../lib/zoom.js'

/** Where a state stands in its picture. */
export interface StateBox extends Frame {
  readonly path: string
}

/** The boxes of a picture's states, outermost first; it has to be in the page. */
export const boxesOf = (picture: SVGSVGElement): StateBox[] => {
  const graph = picture.querySelector('.graph')
  const [, left = 0, top = 0] =
    /translate\(([\d.-]+)[ ,]([\d.-]+)\)/.exec(graph?.getAttribute('transform') ?? '') ?? []
  return [...picture.querySelectorAll('[data-state]')].flatMap((group) => {
    const outline = group.querySelector(':scope > path')
    if (!(outline instanceof SVGGraphicsElement)) return []
    const { x, y, width, height } = outline.getBBox()
    return [
      {
        path: group.getAttribute('data-state') ?? '',
        x: x + Number(left),
        y: y + Number(top),
        width,
        height,
      },
    ]
  })
}

/** As in the style sheet: its border and padding. */
const EDGE = 7
const MOST = { width: 150, height: 130 }

/** All of a picture, small, with the part that is looked at; for whoever sees only that part. */
export const ChartMap = ({
  boxes,
  lit,
  picture,
  frame,
  onMove,
}: {
  boxes: readonly StateBox[]
  lit: readonly string[]
  picture: Room
  frame: Frame
  /** What shall be in the middle. */
  onMove: (x: number, y: number) => void
}): JSX.Element => {
  const scale = Math.min(MOST.width / picture.width, MOST.height / picture.height)
  const move = (event: PointerEvent & { readonly currentTarget: EventTarget }) => {
    if (!(event.currentTarget instanceof Element)) return
    const place = event.currentTarget.getBoundingClientRect()
    onMove((event.clientX - place.x - EDGE) / scale, (event.clientY - place.y - EDGE) / scale)
  }
  return (
    <svg
      class="chart-map"
      aria-hidden="true"
      width={picture.width * scale}
      height={picture.height * scale}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      onPointerDown={(event) => {
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        move(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event)
      }}
    >
      {boxes.map(({ path, ...box }) => (
        <rect key={path} class={lit.includes(path) ? 'lit' : ''} {...box} rx="8" />
      ))}
      <rect class="seen" x={frame.x} y={frame.y} width={frame.width} height={frame.height} />
    </svg>
  )
}

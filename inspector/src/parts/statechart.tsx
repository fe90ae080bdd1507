import type { JSX } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { transitionKey } from '../../../scripts/statecharts/transition-key.js'
import { useSize } from '../hooks/use-size.js'
import { useMoment, useValue } from '../hooks/use-value.js'
import { chartOf, type DrawnChart, describe } from '../lib/charts.js'
import { useModel } from '../lib/model.js'
import { leafStates, type Picture, type SeenActor, stateInWords, statePaths } from '../lib/picture.js'
import type { Track } from '../lib/track.js'
import { trusted } from '../lib/trusted.js'
import { clean, eventInWords, shortId } from '../lib/words.js'
import { type Frame, pan, reveal, scaleOf, showAll, zoom } from '../lib/zoom.js'
import { Empty, hue, IconButton, NodeName } from './bits.js'
import { boxesOf, ChartMap, type StateBox } from './chart-map.js'

/** What does a machine's work may be called as it is: only one of them has states. */
const isMachine = ({ source, snapshot }: SeenActor): boolean =>
  chartOf(source) !== undefined && snapshot.value !== undefined

/** The machine that is shown for an actor: its own, or that of the nearest above it. */
const machineOf = (picture: Picture, id: string): SeenActor | undefined => {
  let actor = picture.get(id)
  for (let depth = 0; actor && depth < 32; depth++) {
    if (isMachine(actor)) return actor
    actor = picture.get(actor.parentId ?? '')
  }
  return undefined
}

/** A picture from the build as an element: parsed as what it is, and nothing from outside is ever in it. */
const draw = (svg: string): SVGSVGElement => {
  const parsed = new DOMParser().parseFromString(trusted(svg), 'image/svg+xml').documentElement
  const element: Element = document.importNode(parsed, true)
  if (!(element instanceof SVGSVGElement)) throw new Error('The build drew no picture.')
  element.removeAttribute('width')
  element.removeAttribute('height')
  element.setAttribute('preserveAspectRatio', 'xMidYMid meet')
  // Boxes are filled when they are lit: what is written on them comes last.
  for (const text of element.querySelectorAll('.state > text')) text.parentElement?.append(text)
  return element
}

const sizeOf = (svg: string): { width: number; height: number } => {
  const [, width, height] = /viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
  return { width: Number(width) || 100, height: Number(height) || 100 }
}

/** Below this a picture's words can't be read. */
const READABLE = 0.6

const Canvas = ({
  chart,
  actor,
  isNow,
  follows,
}: {
  chart: DrawnChart
  actor: SeenActor
  /** Whether its last transition is what happened last. */
  isNow: boolean
  follows: boolean
}): JSX.Element => {
  const host = useRef<HTMLElement>(null)
  const room = useSize(host)
  const picture = useMemo(() => draw(chart.svg), [chart])
  const size = useMemo(() => sizeOf(chart.svg), [chart])
  const [chosen, setChosen] = useState<{ chart: DrawnChart; frame: Frame } | undefined>(undefined)
  const [boxes, setBoxes] = useState<readonly StateBox[]>([])
  const drag = useRef<{ x: number; y: number } | undefined>(undefined)
  const whole = showAll(size, room)
  // A picture that is too small to be read is shown in part, where the machine is.
  const isPart = room.width > 0 && scaleOf(whole, room) < READABLE
  const first = isPart ? zoom(whole, READABLE / scaleOf(whole, room), room) : whole
  const frame = chosen?.chart === chart ? chosen.frame : first
  const look = (next: Frame) => setChosen({ chart, frame: next })

  useLayoutEffect(() => {
    host.current?.prepend(picture)
    setBoxes(boxesOf(picture))
    return () => picture.remove()
  }, [picture])
  useLayoutEffect(() => {
    if (room.width === 0) return
    picture.setAttribute('viewBox', [frame.x, frame.y, frame.width, frame.height].join(' '))
  })
  const lit = statePaths(actor.snapshot.value)
  const fired = (actor.moved?.transitions ?? []).map(transitionKey)
  const state = JSON.stringify([lit, fired, isNow])
  const isCut =
    frame.x > 0 || frame.y > 0 || frame.x + frame.width < size.width || frame.y + frame.height < size.height
  useLayoutEffect(() => {
    for (const group of picture.querySelectorAll('[data-state]')) {
      const path = group.getAttribute('data-state') ?? ''
      group.classList.toggle('lit', lit.includes(path))
      group.classList.toggle('leaf', lit.includes(path) && !lit.some((each) => each.startsWith(`${path}.`)))
    }
    for (const group of picture.querySelectorAll('[data-transition]')) {
      const keys = (group.getAttribute('data-transition') ?? '').split(' ')
      const isFired = fired.some((key) => keys.includes(key))
      group.classList.toggle('fired', isFired)
      group.classList.toggle('now', isFired && isNow)
    }
    if (!follows && (!isPart || chosen)) return
    const leaf = picture.querySelector('.leaf')
    const element = host.current
    if (!leaf || !element || room.width === 0) return
    const box = leaf.getBoundingClientRect()
    const outer = element.getBoundingClientRect()
    const scale = scaleOf(frame, room)
    const wanted = {
      x: frame.x + (box.x - outer.x) / scale,
      y: frame.y + (box.y - outer.y) / scale,
      width: box.width / scale,
      height: box.height / scale,
    }
    const next = reveal(frame, wanted, room)
    if (next.x !== frame.x || next.y !== frame.y) look(next)
  }, [picture, state, follows, room.width, room.height])

  // A wheel that is not to scroll the page can only be listened to by hand.
  useLayoutEffect(() => {
    const element = host.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      const box = element.getBoundingClientRect()
      const at = { x: event.clientX - box.x, y: event.clientY - box.y }
      look(zoom(frame, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), room, at))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  })

  const onKeyDown = (event: KeyboardEvent) => {
    const step = 60
    const moves: Readonly<Record<string, () => Frame | undefined>> = {
      '+': () => zoom(frame, 1.25, room),
      '=': () => zoom(frame, 1.25, room),
      '-': () => zoom(frame, 0.8, room),
      ArrowLeft: () => pan(frame, step, 0, size, room),
      ArrowRight: () => pan(frame, -step, 0, size, room),
      ArrowUp: () => pan(frame, 0, step, size, room),
      ArrowDown: () => pan(frame, 0, -step, size, room),
    }
    if (event.key === '0') look(whole)
    else {
      const next = Object.hasOwn(moves, event.key) ? moves[event.key]?.() : undefined
      if (!next) return
      look(next)
    }
    event.preventDefault()
    event.stopPropagation()
  }

  const states = leafStates(actor.snapshot.value)
  return (
    <div class="canvas">
      <section
        class="canvas-view"
        ref={host}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is zoomed and moved by keys
        tabIndex={0}
        aria-label={`Statechart of ${clean(actor.name)}: ${clean(states.join(' and ')) || 'no state yet'}. Plus and minus zoom, arrows move, zero shows all.`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY }
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          if (!drag.current) return
          look(pan(frame, event.clientX - drag.current.x, event.clientY - drag.current.y, size, room))
          drag.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerUp={() => {
          drag.current = undefined
        }}
        onPointerCancel={() => {
          drag.current = undefined
        }}
      />
      {isCut && (
        <ChartMap
          boxes={boxes}
          lit={lit}
          picture={size}
          frame={frame}
          onMove={(x, y) => look({ ...frame, x: x - frame.width / 2, y: y - frame.height / 2 })}
        />
      )}
      <fieldset class="canvas-tools" aria-label="Zoom">
        <IconButton icon="minus" label="Smaller" onClick={() => look(zoom(frame, 0.8, room))} />
        <span class="scale">{Math.round(100 * scaleOf(frame, room)) || 100} %</span>
        <IconButton icon="plus" label="Larger" onClick={() => look(zoom(frame, 1.25, room))} />
        <IconButton icon="fit" label="Show all" onClick={() => look(whole)} />
      </fieldset>
    </div>
  )
}

/** What the machine says of where it is, and how it came there. */
const Caption = ({ actor, chart }: { actor: SeenActor; chart: DrawnChart }): JSX.Element => {
  const leaves = leafStates(actor.snapshot.value)
  const taken = actor.moved?.transitions.at(-1)
  return (
    <div class="caption">
      <dl>
        {leaves.slice(0, 4).map((path) => (
          <div key={path}>
            <dt>
              <span class="chip" data-status="active">
                {clean(path)}
              </span>
            </dt>
            <dd>{describe(chart.id, path)}</dd>
          </div>
        ))}
      </dl>
      {actor.moved && taken && (
        <p class="taken">
          <span class="hint">last transition</span> <code>{clean(taken.source) || 'anywhere'}</code>
          <span class="arrow"> {eventInWords({ type: taken.event || 'always' })} → </span>
          <code>{clean(taken.targets.join(', ')) || 'stays'}</code>
        </p>
      )}
    </div>
  )
}

/** Where a machine is, on the picture of all it can be. */
export const Statechart = (): JSX.Element => {
  const { desk, wishes, trackOf } = useModel()
  useMoment()
  const selected = useValue(wishes.selected)
  const [follows, setFollows] = useState(true)
  const first: Track | undefined = desk.tracks.find(({ node }) => node.kind === 'node') ?? desk.tracks[0]
  const track = (selected && trackOf(selected.rootId)) ?? first
  if (!track) return <Empty title="No statechart yet" />
  const picture = desk.pictureOf(track)
  const id = selected?.rootId === track.node.rootId ? selected.id : track.node.rootId
  const actor = machineOf(picture, id) ?? [...picture.values()].find(isMachine)
  const chart = actor && chartOf(actor.source)
  if (!actor || !chart) {
    return (
      <Empty title="Nothing to draw">
        <p>
          At this moment no machine of {clean(track.node.name)} is there. Go forward in time, or choose
          another actor.
        </p>
      </Empty>
    )
  }
  const current = desk.current()
  const isNow = current?.track === track && current.event.sessionId === actor.id
  return (
    <div class={`statechart ${hue(track)}`}>
      <div class="stage-bar">
        <h2 class="grow">
          <span class="dot" />
          <NodeName track={track} />
          <span class="hint">›</span>
          <span class="mono">{shortId(clean(actor.name))}</span>
          <span class="chip" data-status={actor.diedAt === undefined ? actor.snapshot.status : 'ended'}>
            {stateInWords(actor.snapshot)}
          </span>
          {actor.id !== id && picture.has(id) && (
            <span class="hint">the machine around {shortId(clean(picture.get(id)?.name ?? ''))}</span>
          )}
        </h2>
        <label class="switch">
          <input type="checkbox" checked={follows} onChange={() => setFollows(!follows)} />
          Keep in sight
        </label>
      </div>
      <Canvas key={chart.id} chart={chart} actor={actor} isNow={isNow} follows={follows} />
      <Caption actor={actor} chart={chart} />
    </div>
  )
}

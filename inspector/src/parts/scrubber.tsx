import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { useSize } from '../hooks/use-size.js'
import { useMoment, useValue } from '../hooks/use-value.js'
import { useModel } from '../lib/model.js'
import { createStrip, type Strip } from '../lib/strip.js'
import { count, sinceStart } from '../lib/time.js'
import { clean, itemInWords, kindOf } from '../lib/words.js'
import { hue, IconButton } from './bits.js'

const LANE = 15
const GAP = 3

/** How dark a mark is: what changes something stands out. */
const WEIGHTS = { event: 0.4, state: 0.9, actor: 0.65, message: 1, quiet: 0.14 } as const

/** Draws what happened on each node as marks in a lane. */
const paint = (
  canvas: HTMLCanvasElement,
  strip: Strip,
  { desk, requests, wishes }: ReturnType<typeof useModel>,
  width: number,
) => {
  const context = canvas.getContext('2d')
  const height = Math.max(1, desk.tracks.length) * (LANE + GAP)
  const ratio = globalThis.devicePixelRatio || 1
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  if (!context || width === 0) return
  context.scale(ratio, ratio)
  const styles = getComputedStyle(canvas)
  const rail = styles.getPropertyValue('--rail')
  const colours = desk.tracks.map(({ number }) => styles.getPropertyValue(`--hue-${number % 6}`))
  const rows = new Map(desk.tracks.map((track, index) => [track, index]))
  context.fillStyle = rail
  for (const index of rows.values()) {
    context.beginPath()
    context.roundRect(0, index * (LANE + GAP), width, LANE, 3)
    context.fill()
  }
  const followed = wishes.request.get()
  const request = followed === undefined ? undefined : requests.find(followed)
  /** Of each pixel of each lane how dark it is: marks that stand at one place are drawn once. */
  const columns = Math.ceil(width)
  const dark = desk.tracks.map(() => new Float32Array(columns))
  for (let index = 0; index < desk.order.length; index++) {
    const item = desk.order[index]!
    const lane = dark[rows.get(item.track) ?? 0]
    const x = Math.min(columns - 1, Math.floor(strip.at(index) * (width - 2)))
    if (!lane) continue
    const weight = WEIGHTS[kindOf(item.event)]
    lane[x] = Math.min(1, Math.max(lane[x]!, weight) + 0.02)
  }
  for (const [row, lane] of dark.entries()) {
    context.fillStyle = colours[row] ?? rail
    for (let x = 0; x < columns; x++) {
      const weight = lane[x]!
      if (weight === 0) continue
      const tall = 3 + weight * (LANE - 5)
      context.globalAlpha = request ? 0.3 : 0.35 + weight * 0.65
      context.fillRect(x, row * (LANE + GAP) + (LANE - tall) / 2, 1.5, tall)
    }
  }
  context.globalAlpha = 1
  for (const item of request?.items ?? []) {
    const row = rows.get(item.track) ?? 0
    context.fillStyle = colours[row] ?? rail
    context.fillRect(strip.at(desk.placeOf(item)) * (width - 2), row * (LANE + GAP) + 1, 2, LANE - 2)
  }
}

/** The times below are drawn no oftener than this: a thousand events a second have to leave room for everything else. */
const PAINT_MS = 120

const Lanes = ({ strip }: { strip: Strip }): JSX.Element => {
  const model = useModel()
  const { desk, wishes } = model
  const place = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width } = useSize(place)
  const version = useValue(desk.version)
  const request = useValue(wishes.request)
  const painted = useRef(0)
  useEffect(() => {
    const draw = () => {
      painted.current = performance.now()
      if (canvas.current) paint(canvas.current, strip, model, width)
    }
    const wait = painted.current + PAINT_MS - performance.now()
    if (wait <= 0) return draw()
    const timer = setTimeout(draw, wait)
    return () => clearTimeout(timer)
  }, [version, request, width, strip])
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const draw = () => {
      if (canvas.current) paint(canvas.current, strip, model, width)
    }
    scheme.addEventListener('change', draw)
    return () => scheme.removeEventListener('change', draw)
  }, [width, strip])
  const height = Math.max(1, desk.tracks.length) * (LANE + GAP)
  return (
    <div class="lanes" ref={place} style={{ height: `${height}px` }}>
      <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
    </div>
  )
}

/** Back and forth through all that happened. */
export const Scrubber = (): JSX.Element => {
  const model = useModel()
  const { desk, wishes } = model
  useMoment()
  const isPlaying = useValue(wishes.isPlaying)
  const moment = useValue(desk.moment)
  const strip = useMemo(() => createStrip(desk), [desk])
  const slider = useRef<HTMLDivElement>(null)
  const isLive = moment === undefined
  const shown = desk.count()
  const current = desk.current()
  const start = desk.order[0]?.at ?? 0
  const end = desk.order.at(-1)?.at ?? 0
  const place = strip.at(shown - 1)

  const moveTo = (event: PointerEvent) => {
    const box = slider.current?.getBoundingClientRect()
    if (!box || box.width === 0) return
    const wanted = Math.max(0, Math.min(1, (event.clientX - box.x) / box.width))
    model.play(false)
    desk.moment.set(strip.countAt(wanted))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event
    if (key === 'ArrowLeft' || key === 'ArrowDown') model.step(-1)
    else if (key === 'ArrowRight' || key === 'ArrowUp') model.step(1)
    else if (key === 'PageUp') desk.moment.set(Math.min(desk.order.length, shown + 100))
    else if (key === 'PageDown') desk.moment.set(Math.max(0, shown - 100))
    else if (key === 'Home') desk.moment.set(0)
    else if (key === 'End') desk.moment.set(desk.order.length)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const words = current
    ? `${clean(current.track.node.name)}: ${clean(itemInWords(current))}`
    : 'before everything'

  return (
    <section class="scrubber" aria-label="Time">
      <fieldset class="transport" aria-label="Play">
        <IconButton
          icon="first"
          label="To the beginning"
          onClick={() => {
            model.play(false)
            desk.moment.set(0)
          }}
        />
        <IconButton icon="back" label="One step back" keys="[" onClick={() => model.step(-1)} />
        <IconButton
          icon={isPlaying ? 'pause' : 'play'}
          label={isPlaying ? 'Pause' : 'Play'}
          keys="Space"
          class="icon-button main"
          onClick={() => model.play(!isPlaying)}
        />
        <IconButton icon="forward" label="One step forward" keys="]" onClick={() => model.step(1)} />
        <button
          type="button"
          class="live-button"
          aria-pressed={isLive}
          title="Follow what is newest (L)"
          onClick={() => model.goLive()}
        >
          <span class="pulse" />
          Newest
        </button>
      </fieldset>
      <div class="strip">
        <div class="strip-names">
          {desk.tracks.map((track) => (
            <span key={track.node.rootId} class={hue(track)} style={{ height: `${LANE + GAP}px` }}>
              {clean(track.node.name)}
            </span>
          ))}
        </div>
        <div
          class="strip-slider"
          ref={slider}
          role="slider"
          tabIndex={0}
          aria-label="Moment"
          aria-valuemin={0}
          aria-valuemax={desk.order.length}
          aria-valuenow={shown}
          aria-valuetext={`${count(shown)} of ${count(desk.order.length)}, ${sinceStart((current?.at ?? start) - start)}, ${words}`}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            moveTo(event)
          }}
          onPointerMove={(event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(event)
          }}
        >
          <Lanes strip={strip} />
          <span class="playhead" style={{ left: `${place * 100}%` }} />
        </div>
      </div>
      <p class="clock">
        <b>{sinceStart((current?.at ?? start) - start)}</b>
        <span class="hint">
          {count(shown)} / {count(desk.order.length)}
        </span>
        <span class="hint">{sinceStart(end - start)}</span>
      </p>
    </section>
  )
}

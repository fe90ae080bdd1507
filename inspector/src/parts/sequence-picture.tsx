import type { JSX } from 'preact'
import type { Lane } from '../lib/lanes.js'
import { type Entry, isGap } from '../lib/plot.js'
import type { Row } from '../lib/sequence.js'
import { clean } from '../lib/words.js'
import { hue } from './bits.js'

const HEAD = 7
const MAX_LABEL = 34

const short = (label: string, length = MAX_LABEL): string => {
  const text = clean(label)
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}

const Envelope = ({ x, y }: { x: number; y: number }): JSX.Element => (
  <g class="envelope" transform={`translate(${x - 7} ${y - 5})`}>
    <rect width="14" height="10" rx="1.5" />
    <path d="M1 1.800 7 6l6-4.200" />
  </g>
)

const Arrow = ({ from, to, y, row }: { from: number; to: number; y: number; row: Row }): JSX.Element => {
  const way = Math.sign(to - from) || 1
  const tip = to - way * 3
  const middle = (from + to) / 2
  return (
    <g class={`arrow ${hue((row.from ?? row.to).track)}`} data-kind={row.kind}>
      <path class="shaft" d={`M${from} ${y}H${tip - way * HEAD}`} />
      <path class="head" d={`M${tip} ${y}l${-way * HEAD} -4v8z`} />
      {row.kind === 'message' && <Envelope x={middle} y={y} />}
      <text class="label" x={middle} y={row.kind === 'message' ? y - 9 : y - 6} text-anchor="middle">
        {short(row.label)}
      </text>
    </g>
  )
}

/** What stands on one lifeline; its words are on the side where there is room. */
const Mark = ({ x, y, row, isLast }: { x: number; y: number; row: Row; isLast: boolean }): JSX.Element => {
  const side = isLast ? -1 : 1
  const anchor = isLast ? 'end' : 'start'
  const kind = hue(row.to.track)
  const words = (
    <text class="label" x={x + side * 13} y={y + 4} text-anchor={anchor}>
      {short(row.label)}
    </text>
  )
  switch (row.kind) {
    case 'state': {
      const text = short(
        row.label
          .split(' · ')
          .map((path) => path.split('.').at(-1))
          .join(' · '),
        36,
      )
      const width = text.length * 6.4 + 16
      return (
        <g class={`state-pill ${kind}`}>
          <rect x={x - width / 2} y={y - 9} width={width} height={18} rx={9} />
          <text x={x} y={y + 4} text-anchor="middle">
            {text}
          </text>
        </g>
      )
    }
    case 'send':
      return (
        <g class={`mark ${kind}`}>
          <Envelope x={x} y={y} />
          {words}
        </g>
      )
    case 'death':
      return (
        <g class={`mark death ${kind}`}>
          <path d={`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} />
          {words}
        </g>
      )
    case 'found':
      return (
        <g class={`arrow found ${kind}`}>
          <circle cx={x - 30} cy={y} r="3.500" />
          <path class="shaft" d={`M${x - 28} ${y}H${x - 10}`} />
          <path class="head" d={`M${x - 3} ${y}l-7 -4v8z`} />
          {words}
        </g>
      )
    default:
      return (
        <g class={`mark ${kind}`}>
          <circle cx={x} cy={y} r="4" />
          {words}
        </g>
      )
  }
}

/** The lifelines and what passes between them, for the lines that are in sight. */
export const SequencePicture = ({
  lanes,
  entries,
  xs,
  width,
  row: height,
  isDim,
  happened,
}: {
  lanes: readonly Lane[]
  entries: readonly Entry[]
  /** The middle of each lane, by its key. */
  xs: ReadonlyMap<string, number>
  width: number
  /** Of one line. */
  row: number
  isDim: (entry: Entry) => boolean
  /** How many of the entries have happened. */
  happened: number
}): JSX.Element => {
  const lastKey = lanes.at(-1)?.key
  return (
    <svg class="sequence-picture" width={width} height={entries.length * height} aria-hidden="true">
      {lanes.map((lane) => (
        <line
          key={lane.key}
          class={`lifeline ${hue(lane.track)}`}
          x1={xs.get(lane.key)}
          x2={xs.get(lane.key)}
          y1={0}
          y2={entries.length * height}
        />
      ))}
      {entries.map((entry, index) => {
        const y = index * height + height / 2 + 3
        const key = `${entry.item.track.node.rootId} ${entry.item.index} ${isGap(entry)}`
        if (isGap(entry)) return null
        const to = xs.get(entry.to.key) ?? 0
        const from = entry.from && xs.get(entry.from.key)
        return (
          <g key={key} class={isDim(entry) ? 'dim' : index >= happened ? 'later' : ''}>
            {from !== undefined && from !== to ? (
              <Arrow from={from} to={to} y={y} row={entry} />
            ) : (
              <Mark x={to} y={y} row={entry} isLast={entry.to.key === lastKey} />
            )}
          </g>
        )
      })}
    </svg>
  )
}

import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useMoment, useValue } from '../hooks/use-value.js'
import { type ActorRef, useModel } from '../lib/model.js'
import type { SeenActor } from '../lib/picture.js'
import { counted, sinceStart } from '../lib/time.js'
import type { Track } from '../lib/track.js'
import { type TreeRow, treeOf } from '../lib/tree.js'
import { clean, shortId } from '../lib/words.js'
import { hue, iconOf, NodeName, StateChip } from './bits.js'
import { Icon } from './icon.js'

/** When an actor lived, as a part of the time that was recorded. */
const Life = ({ actor, from, to }: { actor: SeenActor; from: number; to: number }): JSX.Element => {
  const span = Math.max(1, to - from)
  const begin = Math.max(0, Math.min(1, (actor.bornAt - from) / span))
  const end = Math.max(begin, Math.min(1, ((actor.diedAt ?? to) - from) / span))
  return (
    <svg class="life" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="life-all" width="100" height="4" />
      <rect class="life-own" x={begin * 99} width={Math.max(1, (end - begin) * 100)} height="4" />
    </svg>
  )
}

/** The actors of one node: who started whom, how they are, and when they lived. */
export const ActorTree = ({
  track,
  lives = false,
}: {
  track: Track
  /** Whether each line shows when its actor lived. */
  lives?: boolean
}): JSX.Element => {
  const { desk, wishes, select } = useModel()
  useMoment()
  const selected = useValue(wishes.selected)
  const ended = useValue(wishes.ended)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const list = useRef<HTMLDivElement>(null)
  const rows = treeOf(desk.pictureOf(track), { ended, closed })
  const current = desk.current()
  const own = (id: string): ActorRef => ({ rootId: track.node.rootId, id })
  const isSelected = (id: string) => selected?.rootId === track.node.rootId && selected.id === id
  const inTab = rows.some(({ actor }) => isSelected(actor.id)) ? selected?.id : rows[0]?.actor.id

  const toggle = (id: string, open: boolean) => {
    const next = new Set(closed)
    if (open) next.delete(id)
    else next.add(id)
    setClosed(next)
  }
  const focusOn = (index: number) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))]
    if (!row) return
    select(own(row.actor.id))
    const place = rows.indexOf(row)
    requestAnimationFrame(() => {
      const items = list.current?.querySelectorAll<HTMLElement>('[role=treeitem]')
      items?.[place]?.focus()
    })
  }
  const onKeyDown = (event: KeyboardEvent, row: TreeRow, index: number) => {
    const { key } = event
    if (key === 'ArrowDown') focusOn(index + 1)
    else if (key === 'ArrowUp') focusOn(index - 1)
    else if (key === 'Home') focusOn(0)
    else if (key === 'End') focusOn(rows.length - 1)
    else if (key === 'ArrowRight' && row.hasChildren)
      row.isOpen ? focusOn(index + 1) : toggle(row.actor.id, true)
    else if (key === 'ArrowLeft') {
      if (row.isOpen) toggle(row.actor.id, false)
      else focusOn(rows.findLastIndex((each, place) => place < index && each.level < row.level))
    } else if (key === 'Enter' || key === ' ') select(own(row.actor.id))
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const from = desk.order[0]?.at ?? 0
  const to = desk.order.at(-1)?.at ?? 0
  if (rows.length === 0) return <p class="hint padded">No actor yet.</p>
  return (
    <div
      class={`tree ${hue(track)}`}
      role="tree"
      aria-label={`Actors of ${clean(track.node.name)}`}
      ref={list}
    >
      {rows.map((row, index) => {
        const { actor, level, hasChildren, isOpen } = row
        const isCurrent = current?.track === track && current.event.sessionId === actor.id
        return (
          <div
            key={actor.id}
            class="tree-row"
            role="treeitem"
            aria-level={level}
            {...(hasChildren ? { 'aria-expanded': isOpen } : {})}
            aria-selected={isSelected(actor.id)}
            tabIndex={inTab === actor.id ? 0 : -1}
            data-ended={actor.diedAt !== undefined}
            data-current={isCurrent}
            title={`${shortId(clean(actor.name))}: ${actor.diedAt === undefined ? 'alive' : 'ended'} since ${sinceStart((actor.diedAt ?? actor.bornAt) - from)}`}
            onClick={() => select(own(actor.id))}
            onKeyDown={(event) => onKeyDown(event, row, index)}
          >
            <span class="indent" style={{ width: `${(level - 1) * 14}px` }} />
            {hasChildren ? (
              <button
                type="button"
                class="caret"
                tabIndex={-1}
                aria-hidden="true"
                data-open={isOpen}
                onClick={(event) => {
                  event.stopPropagation()
                  toggle(actor.id, !isOpen)
                }}
              >
                <Icon name="caret" />
              </button>
            ) : (
              <span class="caret" />
            )}
            <Icon name={iconOf(actor)} class="kind" />
            <span class="actor-name">{shortId(clean(actor.name))}</span>
            <StateChip actor={actor} />
            <span class="hidden-text">
              {actor.diedAt === undefined ? '' : 'ended '}of {clean(track.node.name)}
            </span>
            {lives && <Life actor={actor} from={from} to={to} />}
          </div>
        )
      })}
    </div>
  )
}

export const EndedSwitch = (): JSX.Element => {
  const { wishes } = useModel()
  const ended = useValue(wishes.ended)
  return (
    <label class="switch">
      <input type="checkbox" checked={ended} onChange={() => wishes.ended.set(!ended)} />
      Ended
    </label>
  )
}

/** Every node's actors, one node below the other. */
export const TreePanel = (): JSX.Element => {
  const { desk } = useModel()
  useMoment()
  return (
    <section class="panel tree-panel" aria-labelledby="tree-title">
      <header class="panel-head">
        <h2 id="tree-title">Actors</h2>
        <span class="hint grow">{counted(desk.tracks.length, 'node')}</span>
        <EndedSwitch />
      </header>
      <div class="scroll">
        {desk.tracks.map((track) => (
          <div key={track.node.rootId} class={`tree-node ${hue(track)}`} data-gone={track.isGone}>
            <h3 class="tree-head">
              <span class="dot" />
              <NodeName track={track} />
              <span class="hint">{track.node.kind === 'always-on' ? 'always-on' : ''}</span>
            </h3>
            <ActorTree track={track} />
          </div>
        ))}
      </div>
    </section>
  )
}

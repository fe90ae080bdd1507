import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useLines } from '../hooks/use-lines.js'
import { useMoment, useValue } from '../hooks/use-value.js'
import { compareItems, countUntil } from '../lib/desk.js'
import { kinOf, nameOf } from '../lib/lineage.js'
import { useModel } from '../lib/model.js'
import { count, sinceStart } from '../lib/time.js'
import type { Item } from '../lib/track.js'
import {
  clean,
  eventInWords,
  itemInWords,
  KIND_HINTS,
  KIND_WORDS,
  KINDS,
  kindOf,
  shortId,
} from '../lib/words.js'
import { Empty, hue } from './bits.js'
import { Icon } from './icon.js'

const LINE = 24

const sourceOf = ({ event, track }: Item): string => {
  if (event.type !== '@xstate.event') return ''
  return event.sourceId === undefined ? 'outside' : (nameOf(track, event.sourceId) ?? '')
}

const extraOf = ({ event }: Item): string => {
  if (event.type === '@xstate.snapshot') return `by ${eventInWords(event.event)}`
  if (event.type === 'hypha.message') {
    const links =
      event.links === undefined ? '' : ` on ${event.links} ${event.links === 1 ? 'link' : 'links'}`
    return `${event.bytes} B${links} · ${event.frame.slice(0, 6)}`
  }
  return ''
}

const Line = ({
  item,
  index,
  total,
  start,
  isCurrent,
  isLater,
  onClick,
}: {
  item: Item
  index: number
  total: number
  start: number
  isCurrent: boolean
  isLater: boolean
  onClick: () => void
}): JSX.Element => {
  const { track } = item
  const source = sourceOf(item)
  const kind = kindOf(item.event)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the list has the keys and the focus
    <div
      id={`line-${index}`}
      class={`line ${hue(track)}`}
      role="option"
      aria-selected={isCurrent}
      aria-posinset={index + 1}
      aria-setsize={total}
      data-kind={kind}
      data-later={isLater}
      style={{ top: `${index * LINE}px` }}
      onClick={onClick}
    >
      <span class="line-time">{sinceStart(item.at - start)}</span>
      <span class="line-node" title={clean(track.node.name)}>
        <span class="dot" />
        {clean(track.node.name)}
      </span>
      <span class="line-kind">{KIND_WORDS[kind].replace(/s$/, '')}</span>
      <span class="line-who">
        {source && <span class="from">{shortId(clean(source))} → </span>}
        {shortId(clean(kinOf(item).name))}
      </span>
      <span class="line-what">{shortId(clean(itemInWords(item)))}</span>
      <span class="line-extra">{shortId(clean(extraOf(item)))}</span>
    </div>
  )
}

const Filters = (): JSX.Element => {
  const { desk, wishes } = useModel()
  const kinds = useValue(wishes.kinds)
  const hidden = useValue(wishes.hidden)
  const only = useValue(wishes.onlySelected)
  const selected = useValue(wishes.selected)
  const toggled = <Thing,>(set: ReadonlySet<Thing>, thing: Thing): ReadonlySet<Thing> => {
    const next = new Set(set)
    if (!next.delete(thing)) next.add(thing)
    return next
  }
  return (
    <fieldset class="filters">
      <legend class="hidden-text">What the log shows</legend>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          class="filter"
          data-kind={kind}
          aria-pressed={kinds.has(kind)}
          title={KIND_HINTS[kind]}
          onClick={() => wishes.kinds.set(toggled(kinds, kind))}
        >
          {KIND_WORDS[kind]}
        </button>
      ))}
      <span class="divider" />
      {desk.tracks.map((track) => (
        <button
          key={track.node.rootId}
          type="button"
          class={`filter ${hue(track)}`}
          aria-pressed={!hidden.has(track.node.rootId)}
          aria-label={clean(track.node.name)}
          title={clean(track.node.name)}
          onClick={() => wishes.hidden.set(toggled(hidden, track.node.rootId))}
        >
          <span class="dot" />
          <span class="filter-name">{clean(track.node.name)}</span>
        </button>
      ))}
      {selected && (
        <button
          type="button"
          class="filter"
          aria-pressed={only}
          onClick={() => wishes.onlySelected.set(!only)}
        >
          Only{' '}
          {shortId(
            clean(
              nameOf(desk.tracks.find(({ node }) => node.rootId === selected.rootId)!, selected.id) ?? '',
            ),
          )}
        </button>
      )}
    </fieldset>
  )
}

/** Everything that happened, line by line; as quick with ten thousand as with ten. */
export const Log = (): JSX.Element => {
  const model = useModel()
  const { desk, wishes } = model
  useMoment()
  const selection = useValue(model.log)
  const search = useValue(wishes.search)
  const moment = useValue(desk.moment)
  const items = selection.get()
  const body = useRef<HTMLDivElement>(null)
  const lines = useLines(body, items.length, LINE)
  const last = desk.current()
  const until = last ? countUntil(items, last) : 0
  const current = until - 1
  const isExact =
    last !== undefined && items[current] !== undefined && compareItems(items[current], last) === 0
  const isLive = moment === undefined

  useLayoutEffect(() => {
    if (isLive) lines.show(items.length - 1, 'end')
    // Before the first line, the log begins with it.
    else if (items.length > 0) lines.show(Math.max(0, current))
  }, [isLive, current, isLive ? items.length : 0])

  const choose = (item: Item) => {
    model.goTo(item)
    model.select({ rootId: item.track.node.rootId, id: item.event.sessionId })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((body.current?.clientHeight ?? 0) / LINE) - 1)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - (isExact ? 1 : 0),
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: items.length - 1,
    }
    const next = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined
    if (next === undefined) return
    const item = items[Math.max(0, Math.min(next, items.length - 1))]
    if (item) choose(item)
    event.preventDefault()
    event.stopPropagation()
  }
  const start = desk.order[0]?.at ?? 0

  return (
    <section class="panel log-panel" aria-labelledby="log-title">
      <header class="panel-head">
        <h2 id="log-title">Log</h2>
        <label class="search">
          <Icon name="search" />
          <span class="hidden-text">Search the log</span>
          <input
            type="search"
            placeholder="Search"
            value={search}
            onInput={(event) => wishes.search.set(event.currentTarget.value)}
          />
        </label>
        <Filters />
        <span class="hint log-count">
          {items.length === desk.order.length
            ? count(items.length)
            : `${count(items.length)} of ${count(desk.order.length)}`}
        </span>
      </header>
      <div
        class="log-body"
        ref={body}
        role="listbox"
        tabIndex={0}
        aria-label="Log"
        aria-activedescendant={
          isExact && current >= lines.first && current < lines.end ? `line-${current}` : undefined
        }
        onScroll={lines.onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="log-all" role="presentation" style={{ height: `${items.length * LINE}px` }}>
          {items.slice(lines.first, lines.end).map((item, offset) => {
            const index = lines.first + offset
            return (
              <Line
                key={`${item.track.node.rootId} ${item.index}`}
                item={item}
                index={index}
                total={items.length}
                start={start}
                isCurrent={isExact && index === current}
                isLater={index >= until}
                onClick={() => choose(item)}
              />
            )
          })}
        </div>
      </div>
      {items.length === 0 && desk.order.length > 0 && (
        <Empty title="Nothing fits">
          <p>No line has what is searched for, or its kind is switched off.</p>
        </Empty>
      )}
    </section>
  )
}

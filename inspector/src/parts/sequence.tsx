import type { JSX } from 'preact'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useLines } from '../hooks/use-lines.js'
import { useSize } from '../hooks/use-size.js'
import { useMoment, useValue } from '../hooks/use-value.js'
import { compareItems } from '../lib/desk.js'
import type { Lane } from '../lib/lanes.js'
import { useModel } from '../lib/model.js'
import { createPlotAll, type Entry, isGap, plotRequest } from '../lib/plot.js'
import { counted, sinceStart, spell } from '../lib/time.js'
import { clean, shortId } from '../lib/words.js'
import { Empty, hue } from './bits.js'
import { Icon } from './icon.js'
import { SequenceBar, Steps } from './sequence-bar.js'
import { SequencePicture } from './sequence-picture.js'

const ROW = 36
const DENSE_ROW = 30
const GUTTER = 84
const STORY = 330
const MIN_LANE = 84
const HEAD = 58

/** Neighbouring lanes of one node, for the line with the nodes' names. */
const groupsOf = (lanes: readonly Lane[]): Lane[][] => {
  const groups: Lane[][] = []
  for (const lane of lanes) {
    const last = groups.at(-1)
    if (last?.[0]?.track === lane.track) last.push(lane)
    else groups.push([lane])
  }
  return groups
}

const Head = ({ lanes, lane: width }: { lanes: readonly Lane[]; lane: number }): JSX.Element => (
  <div class="lane-heads" style={{ paddingLeft: `${GUTTER}px` }}>
    {groupsOf(lanes).map((group) => {
      const track = group[0]!.track
      return (
        <div
          key={group[0]!.key}
          class={`lane-group ${hue(track)}`}
          style={{ width: `${width * group.length}px` }}
        >
          <p title={clean(track.node.name)}>{clean(track.node.name)}</p>
          <div>
            {group.map((lane) => (
              <span key={lane.key} class="lane-head" data-kind={lane.kind}>
                {lane.kind === 'person' && <Icon name="person" />}
                {lane.kind === 'node' && <Icon name={track.node.kind === 'always-on' ? 'relay' : 'device'} />}
                {lane.label}
              </span>
            ))}
          </div>
        </div>
      )
    })}
  </div>
)

/** What the picture shows of a line, for who does not see it. */
const inWords = (entry: Entry): string => {
  if (isGap(entry)) return 'later'
  const { from, to, label, kind } = entry
  const place = (lane: Lane) => `${lane.label} of ${clean(lane.track.node.name)}`
  const where = from ? `from ${place(from)} to ${place(to)}` : `at ${place(to)}`
  return `${kind === 'state' ? 'is now ' : ''}${clean(label)}, ${where}`
}

/** Who tells whom what, between the actors and between the nodes. */
export const Sequence = (): JSX.Element => {
  const model = useModel()
  const { desk, wishes, requests } = model
  useMoment()
  const lifelines = useValue(wishes.lifelines)
  const rest = useValue(wishes.rest)
  const isWhole = useValue(wishes.whole)
  const request = requests.find(useValue(wishes.request) ?? '')
  const moment = useValue(desk.moment)
  const body = useRef<HTMLDivElement>(null)
  const size = useSize(body)
  const all = useMemo(
    () => createPlotAll(desk, new Set([...lifelines, ...(request ? ['database'] : [])]), request),
    [desk, lifelines, request],
  )
  const shown = request?.items.length ?? 0
  const version = useValue(desk.version)
  const one = useMemo(
    () => (request && !rest ? plotRequest(desk, request, { lifelines, isWhole }) : undefined),
    [desk, request, shown, lifelines, rest, isWhole, request ? version : 0],
  )
  const { lanes, entries, steps } = one ?? all.get()
  const height = one ? ROW : DENSE_ROW
  const lines = useLines(body, entries.length, height, HEAD)
  const hasStory = one !== undefined && size.width > 860
  const room = size.width - GUTTER - (hasStory ? STORY : 12)
  const lane = Math.max(MIN_LANE, Math.min(190, room / Math.max(1, lanes.length)))
  const xs = new Map(lanes.map(({ key }, index) => [key, (index + 0.5) * lane]))
  const width = lane * lanes.length

  const current = desk.current()
  let until = 0
  if (current) {
    let high = entries.length
    while (until < high) {
      const middle = (until + high) >> 1
      if (compareItems(entries[middle]!.item, current) <= 0) until = middle + 1
      else high = middle
    }
  }
  const isLive = moment === undefined
  useLayoutEffect(() => {
    if (isLive && !one) lines.show(entries.length - 1, 'end')
    else if (!isLive && until > 0) lines.show(until - 1)
  }, [isLive, until, isLive && !one ? entries.length : 0, one === undefined])

  const choose = (entry: Entry | undefined) => {
    if (!entry) return
    model.goTo(entry.item)
    model.select({ rootId: entry.item.track.node.rootId, id: entry.item.event.sessionId })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: until,
      ArrowUp: until - 2,
      Home: 0,
      End: entries.length - 1,
    }
    const next = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined
    if (next === undefined) return
    choose(entries[Math.max(0, Math.min(next, entries.length - 1))])
    event.preventDefault()
    event.stopPropagation()
  }
  useLayoutEffect(() => {
    if (one && isLive) lines.show(0)
  }, [request?.id, one === undefined])
  const isDim = (entry: Entry) => request !== undefined && !requests.has(request.id, entry.item)
  const start = (one && entries[0]?.item.at) || desk.order[0]?.at || 0
  const visible = entries.slice(lines.first, lines.end)

  return (
    <div class="sequence" data-story={hasStory}>
      <SequenceBar />
      {request && <Steps steps={steps} />}
      {entries.length === 0 ? (
        <Empty title="Nothing to draw yet">
          <p>Arrows come with the first event between two lifelines.</p>
        </Empty>
      ) : (
        <div
          class="sequence-body"
          ref={body}
          role="listbox"
          tabIndex={0}
          aria-label="Sequence"
          aria-activedescendant={until > lines.first && until <= lines.end ? `row-${until - 1}` : undefined}
          onScroll={lines.onScroll}
          onKeyDown={onKeyDown}
        >
          <div
            role="presentation"
            style={{ width: `${GUTTER + width + (hasStory ? STORY : 0)}px`, minWidth: '100%' }}
          >
            <Head lanes={lanes} lane={lane} />
            <div class="sequence-all" role="presentation" style={{ height: `${entries.length * height}px` }}>
              <div
                class="sequence-window"
                role="presentation"
                style={{ transform: `translate(${GUTTER}px, ${lines.first * height}px)` }}
              >
                <SequencePicture
                  lanes={lanes}
                  entries={visible}
                  xs={xs}
                  width={width}
                  row={height}
                  isDim={isDim}
                  happened={until - lines.first}
                />
              </div>
              {visible.map((entry, offset) => {
                const index = lines.first + offset
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the list has the keys and the focus
                  <div
                    key={`${entry.item.track.node.rootId} ${entry.item.index} ${isGap(entry)}`}
                    id={`row-${index}`}
                    class={`sequence-row ${hue(entry.item.track)}`}
                    role="option"
                    aria-selected={index === until - 1 && !(isLive && one)}
                    aria-posinset={index + 1}
                    aria-setsize={entries.length}
                    data-later={index >= until}
                    data-gap={isGap(entry)}
                    data-dim={isDim(entry)}
                    style={{ top: `${index * height}px`, height: `${height}px` }}
                    onClick={() => choose(entry)}
                  >
                    {isGap(entry) ? (
                      <span class="gap" style={{ left: `${GUTTER}px`, width: `${width}px` }}>
                        <b>{spell(entry.gap)}</b>
                        {entry.others > 0 && ` · ${counted(entry.others, 'other event')}`}
                      </span>
                    ) : (
                      <span class="row-time">
                        {one ? `+${spell(entry.item.at - start)}` : sinceStart(entry.item.at - start)}
                      </span>
                    )}
                    <span class="hidden-text">{inWords(entry)}</span>
                    {hasStory && !isGap(entry) && entry.step && (
                      <p class="row-story" style={{ left: `${GUTTER + width + 16}px` }}>
                        <b>{entry.step.number}</b>
                        <span>{shortId(entry.step.text)}</span>
                      </p>
                    )}
                  </div>
                )
              })}
            </div>
          </div>
        </div>
      )}
    </div>
  )
}

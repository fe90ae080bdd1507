import type { JSX } from 'preact'
import { useMoment, useValue } from '../hooks/use-value.js'
import { compareItems } from '../lib/desk.js'
import { lineageOf } from '../lib/lineage.js'
import { useModel } from '../lib/model.js'
import type { Request } from '../lib/requests.js'
import type { Step } from '../lib/story.js'
import { spell } from '../lib/time.js'
import { clean } from '../lib/words.js'
import { hue } from './bits.js'

const OUTCOMES = { authorised: 'authorised', declined: 'declined', cancelled: 'cancelled' } as const

const inWords = (request: Request): string => {
  const name = request.asker ? clean(request.asker.node.name) : 'A device'
  return `${name} · ${request.outcome ? OUTCOMES[request.outcome] : 'waiting'}`
}

/** Kinds of actors that may have a lifeline, but for those of the runtime's inside that say nothing between them. */
const useSources = (): string[] => {
  const { desk } = useModel()
  const found = new Set<string>()
  for (const track of desk.tracks) {
    for (const { id, source, parentId } of desk.pictureOf(track).values()) {
      if (parentId !== undefined && source !== '' && lineageOf(track).find(id)) found.add(source)
    }
  }
  return [...found].sort()
}

const Lifelines = (): JSX.Element => {
  const { wishes } = useModel()
  const lifelines = useValue(wishes.lifelines)
  const sources = useSources()
  return (
    <details class="menu">
      <summary>Lifelines</summary>
      <fieldset>
        <legend class="hint">Every node, and of its actors:</legend>
        {sources.map((source) => (
          <label key={source} class="switch">
            <input
              type="checkbox"
              checked={lifelines.has(source)}
              onChange={() => {
                const next = new Set(lifelines)
                if (!next.delete(source)) next.add(source)
                wishes.lifelines.set(next)
              }}
            />
            {clean(source)}
          </label>
        ))}
      </fieldset>
    </details>
  )
}

/** Which request is followed, and what is drawn beside it. */
export const SequenceBar = (): JSX.Element => {
  const { requests, wishes, follow } = useModel()
  useMoment()
  const followed = useValue(wishes.request)
  const rest = useValue(wishes.rest)
  const whole = useValue(wishes.whole)
  const all = requests.all()
  return (
    <div class="stage-bar">
      <fieldset class="choices">
        <legend class="hidden-text">Follow a request</legend>
        <button
          type="button"
          class="choice"
          aria-pressed={followed === undefined}
          onClick={() => follow(undefined)}
        >
          Everything
        </button>
        {all.slice(-12).map((request) => (
          <button
            key={request.id}
            type="button"
            class={`choice ${request.asker ? hue(request.asker) : ''}`}
            aria-pressed={followed === request.id}
            onClick={() => follow(request.id)}
          >
            <span class="dot" />
            {inWords(request)}
          </button>
        ))}
        {all.length === 0 && <span class="hint">No device has asked to be let in yet.</span>}
      </fieldset>
      {followed !== undefined && !rest && (
        <label class="switch">
          <input type="checkbox" checked={whole} onChange={() => wishes.whole.set(!whole)} />
          Every detail
        </label>
      )}
      {followed !== undefined && (
        <label class="switch">
          <input type="checkbox" checked={rest} onChange={() => wishes.rest.set(!rest)} />
          The rest, dimmed
        </label>
      )}
      <Lifelines />
    </div>
  )
}

/** A request in a line: what happened, and how long after what was before. */
export const Steps = ({ steps }: { steps: readonly Step[] }): JSX.Element => {
  const { desk, goTo, select } = useModel()
  const current = desk.current()
  return (
    <ol class="steps" aria-label="The request, step by step">
      {steps.map((step, index) => {
        const { item, title, text } = step
        const before = steps[index - 1]
        const isDone = current !== undefined && compareItems(item, current) <= 0
        const next = steps[index + 1]
        const isNow = isDone && (!next || compareItems(next.item, current) > 0)
        return (
          <li key={title + String(index)} class={hue(item.track)} data-done={isDone}>
            <button
              type="button"
              title={text}
              {...(isNow ? { 'aria-current': 'step' as const } : {})}
              onClick={() => {
                goTo(item)
                select({ rootId: item.track.node.rootId, id: item.event.sessionId })
              }}
            >
              <b>{index + 1}</b>
              <span>
                {title}
                <small>{before ? `+${spell(item.at - before.item.at)}` : 'begins'}</small>
              </span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}

import type { ComponentChildren, JSX } from 'preact'
import { useMoment, useValue } from '../hooks/use-value.js'
import { chartOf, describe } from '../lib/charts.js'
import { kinOf, nameOf } from '../lib/lineage.js'
import { useModel } from '../lib/model.js'
import { leafStates, type SeenActor } from '../lib/picture.js'
import { sinceStart, spell } from '../lib/time.js'
import type { Item, Track } from '../lib/track.js'
import { clean, eventInWords, itemInWords, KIND_WORDS, kindOf, shortId } from '../lib/words.js'
import { Empty, hue, NodeName, StateChip } from './bits.js'
import { JsonTree } from './json-tree.js'

const Part = ({ title, children }: { title: string; children: ComponentChildren }): JSX.Element => (
  <section class="part">
    <h3>{title}</h3>
    {children}
  </section>
)

const Facts = ({ facts }: { facts: readonly (readonly [string, string | undefined])[] }): JSX.Element => (
  <dl class="fact-list">
    {facts.map(([name, value]) =>
      value === undefined || value === '' ? null : (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{shortId(clean(value))}</dd>
        </div>
      ),
    )}
  </dl>
)

const ActorDetails = ({
  track,
  actor,
  start,
}: {
  track: Track
  actor: SeenActor
  start: number
}): JSX.Element => {
  const { snapshot } = actor
  const what = chartOf(actor.source)?.description ?? ''
  return (
    <>
      <div class={`details-title ${hue(track)}`}>
        <p class="hint">
          <span class="dot" />
          <NodeName track={track} />
        </p>
        <h3 class="mono">{shortId(clean(actor.name))}</h3>
        <StateChip actor={actor} />
        <p class="hint">{what}</p>
        {leafStates(snapshot.value)
          .slice(0, 3)
          .map((path) => (
            <p key={path} class="hint">
              {describe(actor.source, path)}
            </p>
          ))}
      </div>
      <Facts
        facts={[
          ['is', actor.source],
          ['child of', nameOf(track, actor.parentId)],
          ['born', sinceStart(actor.bornAt - start)],
          ['ended', actor.diedAt === undefined ? undefined : sinceStart(actor.diedAt - start)],
          ['lived', actor.diedAt === undefined ? undefined : spell(actor.diedAt - actor.bornAt)],
          ['last event', actor.last && eventInWords(actor.last.event)],
        ]}
      />
      {snapshot.context && (
        <Part title="Context">
          <JsonTree label="Context" value={snapshot.context} />
        </Part>
      )}
      {snapshot.output !== undefined && (
        <Part title="Output">
          <JsonTree label="Output" value={snapshot.output} />
        </Part>
      )}
    </>
  )
}

const ItemDetails = ({ item, start }: { item: Item; start: number }): JSX.Element => {
  const { track, event } = item
  return (
    <Part title="This moment">
      <p class={`moment ${hue(track)}`}>
        <span class="dot" />
        <strong>{shortId(clean(itemInWords(item)))}</strong>
      </p>
      <Facts
        facts={[
          ['at', sinceStart(item.at - start)],
          ['kind', KIND_WORDS[kindOf(event)].replace(/s$/, '')],
          ['actor', kinOf(item).name],
          ['node', track.node.name],
          ...(event.type === '@xstate.event'
            ? ([
                [
                  'from',
                  event.sourceId === undefined ? 'outside of the actors' : nameOf(track, event.sourceId),
                ],
              ] as const)
            : []),
          ...(event.type === 'hypha.message'
            ? ([
                ['frame', event.frame],
                ['bytes', String(event.bytes)],
                ['request', event.request],
              ] as const)
            : []),
        ]}
      />
      {(event.type === '@xstate.event' || event.type === '@xstate.snapshot') &&
        Object.keys(event.event).length > 1 && <JsonTree label="Event" value={event.event} />}
    </Part>
  )
}

/** What is selected, as it is at the moment shown, and what happened in it. */
export const Details = (): JSX.Element => {
  const { desk, wishes, trackOf } = useModel()
  useMoment()
  const selected = useValue(wishes.selected)
  const track = selected && trackOf(selected.rootId)
  const actor = track && desk.pictureOf(track).get(selected.id)
  const current = desk.current()
  const start = desk.order[0]?.at ?? 0
  return (
    <section class="panel details-panel" aria-labelledby="details-title">
      <header class="panel-head">
        <h2 id="details-title">Details</h2>
      </header>
      <div
        class="scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
      >
        {actor && track && <ActorDetails track={track} actor={actor} start={start} />}
        {!actor && (
          <Empty title={selected ? 'Not there' : 'Nothing selected'}>
            <p>
              {selected
                ? 'At this moment the selected actor isn’t there: not born yet, or long gone.'
                : 'Choose an actor, or a line of the log.'}
            </p>
          </Empty>
        )}
        {current && <ItemDetails item={current} start={start} />}
      </div>
    </section>
  )
}

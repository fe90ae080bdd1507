import type { JSX } from 'preact'
import { useMoment } from '../hooks/use-value.js'
import { describe } from '../lib/charts.js'
import { clean } from '../lib/clean.js'
import { useModel } from '../lib/model.js'
import { leafStates, type Picture, type SeenActor, statePaths } from '../lib/picture.js'
import { counted } from '../lib/time.js'
import type { Track } from '../lib/track.js'
import { hue, NodeName } from './bits.js'
import { Icon } from './icon.js'
import { ActorTree, EndedSwitch } from './tree.js'

const rootOf = (picture: Picture, rootId: string): SeenActor | undefined => picture.get(rootId)

const livingOf = (picture: Picture, source: string): SeenActor[] =>
  [...picture.values()].filter((actor) => actor.source === source && actor.diedAt === undefined)

/** What a node is now, in a word and a sentence. */
const Now = ({ track, picture }: { track: Track; picture: Picture }): JSX.Element => {
  const root = rootOf(picture, track.node.rootId)
  const peers = livingOf(picture, 'peer')
  if (!root) return <p class="state-now">not there yet</p>
  if (track.node.kind === 'always-on') {
    return (
      <>
        <p class="state-now">relaying</p>
        <p class="hint">
          It stores and passes on what it can’t read. {counted(peers.length, 'node')} connected.
        </p>
      </>
    )
  }
  const { value } = root.snapshot
  const [outer = ''] = statePaths(value)
  const [leaf = ''] = leafStates(value)
  return (
    <>
      <p class="state-now">{clean(outer) || 'there'}</p>
      <p class="hint">{describe('node', leaf) || describe('node', outer)}</p>
    </>
  )
}

const Column = ({ track }: { track: Track }): JSX.Element => {
  const { desk, select, wishes } = useModel()
  const picture = desk.pictureOf(track)
  const living = [...picture.values()].filter(({ diedAt }) => diedAt === undefined).length
  return (
    <article class={`column ${hue(track)}`} data-gone={track.isGone}>
      <header>
        <h2>
          <Icon name={track.node.kind === 'always-on' ? 'relay' : 'device'} />
          <NodeName track={track} />
        </h2>
        <Now track={track} picture={picture} />
        <p class="facts">
          <span>{counted(living, 'actor')}</span>
          <span>{picture.size - living} ended</span>
          {track.isGone && <span>no longer connected</span>}
          {track.node.kind === 'node' && (
            <button
              type="button"
              class="link"
              onClick={() => {
                select({ rootId: track.node.rootId, id: track.node.rootId })
                wishes.tab.set('statechart')
              }}
            >
              Statechart
            </button>
          )}
        </p>
      </header>
      <ActorTree track={track} lives />
    </article>
  )
}

/** The nodes side by side: what each is now, and all of its actors. */
export const Board = (): JSX.Element => {
  const { desk } = useModel()
  useMoment()
  return (
    <div class="board">
      <div class="stage-bar">
        <p class="hint grow">Every actor with its state. The bar says when it lived.</p>
        <EndedSwitch />
      </div>
      <div class="columns scroll">
        {desk.tracks.map((track) => (
          <Column key={track.node.rootId} track={track} />
        ))}
      </div>
    </div>
  )
}

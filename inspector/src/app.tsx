import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { useSize } from './hooks/use-size.js'
import { useMoment, useValue } from './hooks/use-value.js'
import { type Model, ModelContext, type Pane, type Tab, useModel } from './lib/model.js'
import { IconButton } from './parts/bits.js'
import { Board } from './parts/board.js'
import { Details } from './parts/details.js'
import { Header } from './parts/header.js'
import { Icon } from './parts/icon.js'
import { Log } from './parts/log.js'
import { Scrubber } from './parts/scrubber.js'
import { Sequence } from './parts/sequence.js'
import { Splitter } from './parts/splitter.js'
import { Statechart } from './parts/statechart.js'
import { TreePanel } from './parts/tree.js'

const TABS: readonly (readonly [Tab, string])[] = [
  ['nodes', 'Nodes'],
  ['statechart', 'Statechart'],
  ['sequence', 'Sequence'],
]
const PANES: readonly (readonly [Pane, string])[] = [
  ['stage', 'View'],
  ['tree', 'Actors'],
  ['log', 'Log'],
  ['details', 'Details'],
]
/** Below it there is room for one pane only. */
const NARROW = 900

const Stage = (): JSX.Element => {
  const { wishes } = useModel()
  const tab = useValue(wishes.tab)
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    const index = TABS.findIndex(([id]) => id === tab)
    const [next] = TABS[(index + by + TABS.length) % TABS.length]!
    wishes.tab.set(next)
    const list = event.currentTarget as HTMLElement
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <section class="panel stage" aria-label="View">
      <div class="tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
        {TABS.map(([id, label]) => (
          <button
            key={id}
            id={`tab-${id}`}
            type="button"
            role="tab"
            aria-selected={tab === id}
            aria-controls="stage"
            tabIndex={tab === id ? 0 : -1}
            onClick={() => wishes.tab.set(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div id="stage" class="stage-body" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'nodes' && <Board />}
        {tab === 'statechart' && <Statechart />}
        {tab === 'sequence' && <Sequence />}
      </div>
    </section>
  )
}

const Welcome = (): JSX.Element => {
  const { status } = useModel()
  const { state, text } = useValue(status)
  return (
    <div class="welcome">
      <h2>{state === 'live' ? 'Waiting for a node' : state === 'none' ? 'See it run' : 'Not connected'}</h2>
      {text && <p class={state === 'refused' || state === 'cut' ? 'problem' : ''}>{text}</p>}
      <p>
        {state === 'live'
          ? 'Nothing has been told yet. Start a node that publishes, or open the web app with this inspector’s token.'
          : 'Drop a recorded session here, or open one. To watch nodes that run, start them with an inspector and open the URL that is printed:'}
      </p>
      <pre>
        <code>{'npm run demo -- --inspect\nhypha inspect\nhypha always-on --inspect'}</code>
      </pre>
    </div>
  )
}

const Notice = (): JSX.Element | null => {
  const { wishes } = useModel()
  const notice = useValue(wishes.notice)
  return (
    <div class="notice-place" role="status">
      {notice && (
        <p class="notice" data-error={notice.isError}>
          <span>{notice.text}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => wishes.notice.set(undefined)} />
        </p>
      )}
    </div>
  )
}

const Panels = ({ width, height }: { width: number; height: number }): JSX.Element => {
  const { wishes } = useModel()
  const tab = useValue(wishes.tab)
  const pane = useValue(wishes.pane)
  const isLogShown = useValue(wishes.isLogShown)
  const [tree, setTree] = useState(width < 1_200 ? 240 : 280)
  const [details, setDetails] = useState(width < 1_200 ? 232 : 300)
  const [log, setLog] = useState(236)
  if (width < NARROW) {
    return (
      <div class="panes">
        <fieldset class="pane-tabs" aria-label="Pane">
          {PANES.map(([id, label]) => (
            <button key={id} type="button" aria-pressed={pane === id} onClick={() => wishes.pane.set(id)}>
              {label}
            </button>
          ))}
        </fieldset>
        {pane === 'tree' && <TreePanel />}
        {pane === 'stage' && <Stage />}
        {pane === 'log' && <Log />}
        {pane === 'details' && <Details />}
      </div>
    )
  }
  // The nodes side by side are the tree, and a sequence needs all of the width.
  const hasTree = tab === 'statechart'
  const most = Math.max(160, height - 330)
  const own = Math.min(log, most)
  return (
    <div class="panes wide">
      {hasTree && (
        <>
          <div class="side" style={{ width: `${tree}px` }}>
            <TreePanel />
          </div>
          <Splitter
            label="Width of the actors"
            direction="vertical"
            value={tree}
            min={200}
            max={480}
            grows={1}
            onChange={setTree}
          />
        </>
      )}
      <div class="middle">
        <Stage />
        {isLogShown && (
          <>
            <Splitter
              label="Height of the log"
              direction="horizontal"
              value={own}
              min={110}
              max={most}
              grows={-1}
              onChange={setLog}
            />
            <div class="bottom" style={{ height: `${own}px` }}>
              <Log />
            </div>
          </>
        )}
      </div>
      {(width >= 1200 || hasTree || tab === 'nodes') && width >= 1000 && (
        <>
          <Splitter
            label="Width of the details"
            direction="vertical"
            value={details}
            min={220}
            max={560}
            grows={-1}
            onChange={setDetails}
          />
          <div class="side" style={{ width: `${details}px` }}>
            <Details />
          </div>
        </>
      )}
    </div>
  )
}

const isTyping = (target: EventTarget | undefined): boolean =>
  target instanceof Element && target.matches('input:not([type=checkbox]), textarea, select')

const Window = (): JSX.Element => {
  const model = useModel()
  const { desk, wishes } = model
  useMoment()
  const root = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(root)
  const [isOver, setOver] = useState(false)
  const onKeyDown = (event: KeyboardEvent) => {
    const [target] = event.composedPath()
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return
    if (event.key === '[') model.step(-1)
    else if (event.key === ']') model.step(1)
    else if (event.key === 'l' || event.key === 'L') model.goLive()
    else if (event.key === ' ' && !(target instanceof Element && target.matches('button, summary, input'))) {
      model.play(!wishes.isPlaying.get())
    } else return
    event.preventDefault()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that work wherever the focus is, and files dropped anywhere
    <div
      class="inspector"
      ref={root}
      data-over={isOver}
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        const [file] = event.dataTransfer?.files ?? []
        if (file) void model.openFile(file)
      }}
    >
      <Header />
      <main>
        {desk.tracks.length === 0 ? <Welcome /> : width > 0 && <Panels width={width} height={height} />}
      </main>
      {desk.tracks.length > 0 && <Scrubber />}
      <Notice />
      {isOver && (
        <div class="drop" aria-hidden="true">
          <p>
            <Icon name="open" /> Open this session
          </p>
        </div>
      )}
    </div>
  )
}

export const App = ({ model }: { model: Model }): JSX.Element => (
  <ModelContext.Provider value={model}>
    <Window />
  </ModelContext.Provider>
)

import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { useMoment, useValue } from '../hooks/use-value.js'
import { useModel } from '../lib/model.js'
import { counted } from '../lib/time.js'
import { Icon, Mark } from './icon.js'

const WORDS = {
  none: 'Recorded',
  connecting: 'Connecting…',
  live: 'Live',
  cut: 'Disconnected',
  refused: 'Refused',
} as const

const Connection = (): JSX.Element | null => {
  const { status, desk, retry } = useModel()
  const known = useValue(status)
  // What is served from a file, or by nodes that have all ended, is connected and not live.
  const isOver = known.state === 'live' && desk.tracks.length > 0 && desk.tracks.every(({ isGone }) => isGone)
  const { state, text } = isOver
    ? ({ state: 'none', text: 'None of these nodes tells anything any more.' } as const)
    : known
  if (state === 'none' && desk.tracks.length === 0) return null
  return (
    <span class="connection" role="status">
      <span class="pill" data-state={state} title={text}>
        <span class="pulse" />
        {WORDS[state]}
      </span>
      {state === 'cut' && (
        <button type="button" class="link" onClick={retry}>
          Try now
        </button>
      )}
    </span>
  )
}

export const Header = (): JSX.Element => {
  const { desk, openFile, save, wishes } = useModel()
  useMoment()
  const input = useRef<HTMLInputElement>(null)
  const isLogShown = useValue(wishes.isLogShown)
  return (
    <header class="top">
      <h1>
        <Mark />
        Hypha <span>inspector</span>
      </h1>
      <Connection />
      <p class="hint grow summary">
        {desk.tracks.length > 0 &&
          `${counted(desk.tracks.length, 'node')} · ${counted(desk.order.length, 'event')}`}
      </p>
      <button
        type="button"
        class="tool only-wide"
        aria-pressed={isLogShown}
        onClick={() => wishes.isLogShown.set(!isLogShown)}
      >
        <Icon name="log" />
        Log
      </button>
      <button type="button" class="tool" onClick={() => input.current?.click()}>
        <Icon name="open" />
        Open…
      </button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        class="hidden-text"
        tabIndex={-1}
        aria-label="A recorded session"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) void openFile(file)
        }}
      />
      <button type="button" class="tool" disabled={desk.tracks.length === 0} onClick={save}>
        <Icon name="save" />
        Export
      </button>
    </header>
  )
}

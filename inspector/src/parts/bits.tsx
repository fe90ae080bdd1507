import type { ComponentChildren, JSX } from 'preact'
import type { SeenActor } from '../lib/picture.js'
import { stateInWords } from '../lib/picture.js'
import type { Track } from '../lib/track.js'
import { clean } from '../lib/words.js'
import { Icon, type IconName } from './icon.js'

/** A class that gives a part its node's colour. */
export const hue = ({ number }: Track): string => `hue-${number % 6}`

export const NodeName = ({ track }: { track: Track }): JSX.Element => (
  <span class="node-name">{clean(track.node.name) || 'A node without a name'}</span>
)

/** What does one thing and ends; nothing in a recording tells it from what goes on. */
const PROMISES = new Set([
  'authorise',
  'decline',
  'deriveKeys',
  'openDatabase',
  'recall',
  'release',
  'remember',
  'repeatRequest',
  'sendCancel',
  'sendRequest',
])

export const iconOf = ({ source, snapshot }: SeenActor): IconName =>
  snapshot.value !== undefined
    ? 'machine'
    : PROMISES.has(source)
      ? 'promise'
      : source === 'always-on'
        ? 'relay'
        : 'callback'

/** A machine's state, or how something else ended. */
export const StateChip = ({ actor }: { actor: SeenActor }): JSX.Element | null => {
  const words = stateInWords(actor.snapshot)
  if (!words) return null
  const { status } = actor.snapshot
  return (
    <span class="chip" data-status={actor.diedAt === undefined ? status : 'ended'} title={words}>
      {words}
    </span>
  )
}

export const IconButton = ({
  icon,
  label,
  keys,
  ...rest
}: {
  icon: IconName
  label: string
  keys?: string
} & Omit<JSX.IntrinsicElements['button'], 'icon' | 'label'>): JSX.Element => (
  <button
    type="button"
    class="icon-button"
    aria-label={label}
    title={keys ? `${label} (${keys})` : label}
    {...rest}
  >
    <Icon name={icon} />
  </button>
)

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
)

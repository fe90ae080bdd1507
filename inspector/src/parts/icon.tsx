import type { JSX } from 'preact'

const PATHS = {
  machine: 'M3 3.5h10v4H3zM5.5 10h5v3.5h-5zM8 7.5V10',
  promise: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3',
  callback: 'M3 8h3l1.6-4.5L10 12.5 11.4 8H13',
  play: 'M5 3.2v9.6l8-4.8z',
  pause: 'M5 3.5v9M11 3.5v9',
  back: 'M10.5 3.5 6 8l4.5 4.5',
  forward: 'M5.5 3.5 10 8l-4.5 4.5',
  first: 'M11.5 3.5 7 8l4.5 4.5M4.5 3.5v9',
  live: 'M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2M4.2 4.2a5.4 5.4 0 0 0 0 7.6M11.8 4.2a5.4 5.4 0 0 1 0 7.6',
  open: 'M2.5 12.5v-9h4l1.5 2h5.5v7z',
  save: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.2h10',
  person: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8M3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4',
  relay: 'M2.5 8h3M10.500 8h3M8 5.2a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600',
  device: 'M4.500 2.500h7v11h-7zM7.200 11.400h1.600',
  message: 'M2.500 4h11v8h-11zM2.500 4.400 8 8.800l5.500-4.400',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  plus: 'M8 3.500v9M3.500 8h9',
  minus: 'M3.500 8h9',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 2.800a4.200 4.200 0 1 0 0 8.400 4.200 4.200 0 0 0 0-8.400M10.200 10.200l3 3',
  caret: 'M6 4l4 4-4 4',
  log: 'M3 4h10M3 8h10M3 12h6',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name, class: given = '' }: { name: IconName; class?: string }): JSX.Element => (
  <svg class={`icon ${given}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
)

export const Mark = (): JSX.Element => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <g fill="none" stroke-width="2.2" stroke-linecap="round">
      <path d="M16 26V15M16 19c0-4-6-3-6-9M16 15c0-3 6-3 6-8" />
    </g>
    <circle cx="16" cy="26" r="2.6" />
    <circle cx="10" cy="9" r="2.6" />
    <circle cx="22" cy="6.5" r="2.6" />
  </svg>
)

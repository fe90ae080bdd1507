import type { NodeState } from '../api.js'

const WORDS: Readonly<Record<NodeState, string>> = {
  signedOut: 'no hypha is kept here; hypha sign-up or hypha sign-in begins',
  opening: 'on its way',
  origin: 'this node may write, and began the hypha',
  writer: 'this node may write',
  readOnly: 'this node reads; hypha sign-in asks to write',
  awaitingAuthorisation: 'this node reads, and waits until another one lets it write',
  closed: 'closed',
  failed: 'it could not be opened',
}

export const inWords = (state: NodeState): string => WORDS[state] ?? 'unknown'

import { harmless } from './output.js'

/**
 * The runtime's sentences are for who embeds it, and name its calls. What a person at a terminal does instead, by the part
 * that it takes the place of.
 */
export const IN_COMMANDS: ReadonlyMap<string, string> = new Map([
  [
    'Ask with requestAuthorisation() and approve it on a node that may.',
    'hypha sign-in asks for it; say yes with hypha requests on a node that may.',
  ],
  [
    'No hypha is open. Sign up, sign in or open one first.',
    'No hypha is open here. Begin with hypha sign-up or hypha sign-in.',
  ],
  [
    'A reader by hyphalink has no channel. Sign in with the passphrase to have one.',
    'This node has no passphrase, and only reads. hypha sign-in gives it one.',
  ],
  [
    'This node has no channel to ask over. Sign in with the passphrase.',
    'This node has no passphrase to ask with. hypha sign-in gives it one.',
  ],
  ['This node has been closed. Create another one.', 'The node was closed meanwhile. Try again.'],
  [
    'This node has a hypha already. Create another node for another hypha.',
    'A hypha is kept here already. Give each hypha a folder of its own, with --data.',
  ],
  [
    'This storage holds another hypha. Give each hypha a storage of its own.',
    'Another hypha is kept here. Give each hypha a folder of its own, with --data.',
  ],
  ['This storage is not open. Await open() first.', 'What is stored was closed meanwhile. Try again.'],
  ['Give it to the transport as claimCode.', 'Put it into HYPHA_CLAIM_CODE and start hypha run.'],
])

/** What a person is told of an error: sentences of ours and of the option parser, never a stack. */
export const sentence = (error: unknown): string => {
  let text = error instanceof Error ? error.message : 'Something failed.'
  for (const [theirs, ours] of IN_COMMANDS) text = text.replace(theirs, ours)
  return harmless(text)
}

/** What no world can make happen, by machine and transition, and why. */
export const UNREACHABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  peer: {
    'connected: xstate.error.actor.deduplication #0 → ended':
      'Standing at a link’s gate sets one field of an object in memory: nothing in it can fail, and nothing from outside gets there. The transition is the net under whoever changes that.',
  },
}

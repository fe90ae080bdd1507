import type { DialEvent } from '../../../src/machines/index.js'
import { type Chapter, surroundings, type Told } from './chapter.js'

const events: Told<DialEvent> = {
  'dial.up': 'The address has answered.',
  'dial.lost': 'The connection has ended. With it comes a die, rolled outside: machines roll none.',
  'dial.failed': 'The try has failed, and why; with a die.',
  'outage.long': 'The machine’s own: the outage’s first minute is over, and waits may grow longer.',
  retry: 'Somebody knows that now is a good moment.',
  stop: 'Nobody wants the address any more.',
  ...surroundings,
}

export const dial: Chapter = {
  id: 'dial',
  introduction: `One address that is kept connected, for as long as [[transport]] wants it. It tries at once, and after each failure waits longer, with
some luck in it so that those who lost the same server don’t come back in step. The person reads of an outage once, not of each try.

Two things make waiting pointless: no network, and a page that nobody has looked at for long. Then it is [[dial:suspended]], and goes on
at once when that changes. A connection that ends soon after it came counts as another failure of the same outage.`,
  events,
  actors: {
    dial: 'Dials when told `dial`, ends that or what came of it when told `drop`, and tells what becomes of it.',
  },
  delays: {
    wait: 'Up to twice as long as the wait before; at most 1.5 s within the first minute of an outage, 15 s later.',
    settled: 'A connection that has been up for so long has ended the outage.',
    stable: 'A connection that has been up for so long was good: its loss will be the first one.',
  },
  stories: [{ title: 'An outage, and a network that goes and comes', file: 'dial.ts' }],
}

import type { TransportEvent } from '../../../src/machines/index.js'
import { type Chapter, surroundings, type Told } from './chapter.js'

const events: Told<TransportEvent> = {
  turnOn: 'The road is wanted.',
  turnOff: 'The road is not wanted any more.',
  'transport.started': 'The road is open: it listens where it was told to.',
  'transport.failed': 'The road can’t be opened, and why.',
  'transport.troubled':
    'Something of the open road went wrong, as when no direct link comes about: its own line says so, until somebody comes by it.',
  'transport.stopped': 'Nothing of the road is open any more.',
  'dial.wanted': 'The road wants an address kept connected.',
  'dial.unwanted': 'The road doesn’t want it any more.',
  'dial.retry': 'The road knows that now is a good moment to try it.',
  connection: 'A link came by this road.',
  ...surroundings,
}

export const transport: Chapter = {
  id: 'transport',
  introduction: `One road, which may be turned on and off as often as the person likes. What really opens sockets is its actor, \`road\`; the machine says
when. A road may listen, and it may want addresses dialled: each of these gets a [[dial]] with a life of its own, so that one address
that can’t be reached says nothing about the others.

Turned off while it is being opened, or on while it is being closed, it first finishes what it does.`,
  events,
  actors: {
    road: 'The transport itself: begins when told `start`, ends when told `stop`, tells of links and of what it wants dialled.',
    dial: 'One for each address that the road wants kept connected.',
  },
  delays: {},
  stories: [{ title: 'On and off', file: 'transport.ts' }],
}

import type { TransportsEvent } from '../../../src/machines/index.js'
import { type Chapter, surroundings, type Told } from './chapter.js'

const events: Told<TransportsEvent> = {
  setTransport: 'A road is wanted, or not any more.',
  connection: 'A link is up, on its way to [[node]].',
  ...surroundings,
}

export const transports: Chapter = {
  id: 'transports',
  introduction: `All roads of a node: WebSocket, TCP, WebRTC, Hyperswarm, whatever it was created with. It starts those that are wanted and tells
[[node]] once they have settled. A road that can’t be had on this device is reported, and the others do without it; one that can’t be
opened as the app asked (its port is taken) stops the node from opening ([[transports:refused]]). A slow one is not waited for.

Each road is a [[transport]]. What the device’s network and the page do is heard here once and passed on to all of them.`,
  events,
  actors: {
    network:
      'Watches the device’s network and the page, closely while some address waits for a better moment.',
    transport: 'One for each road that the node was created with, wanted or not.',
  },
  delays: { openingLimit: 'A road that has not opened by then opens behind, and nobody waits for it.' },
  stories: [{ title: 'Four roads: one is missing, one is slow, one is off', file: 'transports.ts' }],
}

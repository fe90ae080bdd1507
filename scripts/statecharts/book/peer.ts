import type { PeerEvent } from '../../../src/machines/index.js'
import type { Chapter, Told } from './chapter.js'

const events: Told<PeerEvent> = {
  'replication.handshake':
    'The other end has shaken hands, and there can be no second link to it: an always-on node, or a node of 2019.',
  'replication.proving':
    'The other end is a node that there may be several links to. Both prove which one they are.',
  'replication.spare': 'Another link to the same node is the one to use.',
  'replication.used': 'This link is the one to use.',
  'replication.unclaimed': 'The other end is an always-on node that offers a free place.',
  'replication.claimed': 'The place is this person’s now. The link has done its work; it is dialled again.',
  'replication.refused': 'The other end doesn’t want this node, and says why.',
  'replication.ended': 'The link is gone, with a reason if there is one.',
  summary: 'Counters of what has passed, a few times a second at most: bytes themselves never come here.',
  disconnect: 'The node doesn’t want this link any more.',
}

export const peer: Chapter = {
  id: 'peer',
  introduction: `One link to one peer, whichever road it came by. [[node]] spawns it for each [[node!connection]] and drops it when it has ended.

A link begins with a greeting: the first bytes tell what is at the other end. Two nodes may meet by several roads at once, so they
prove to each other which node they are ([[peer:proving]]); one of the links becomes the one that is used, and the others are kept as
spares. Only in [[peer:connected]] the database replicates and messages pass.

Streams of bytes are the actors’ work. The machine hears where a link’s life turns, and now and then a summary.`,
  events,
  actors: {
    replication:
      'Shakes hands, proves, and pipes the database’s stream. It runs for as long as the link lives.',
    messaging: 'Joins the link to the person’s channel, and takes it out again.',
    deduplication:
      'Drops what has come by another link already. All links of a node share what has been seen.',
    claiming:
      'Proves to an always-on node that this is one of the person’s nodes, and claims the free place.',
  },
  delays: { greetingTimeout: 'How long the other end may take to say what it is.' },
  stories: [{ title: 'A silent link, a spare, a used one', file: 'peer.ts' }],
}

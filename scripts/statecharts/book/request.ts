import type { RequestEvent } from '../../../src/machines/index.js'
import type { Chapter, Told } from './chapter.js'

const events: Told<RequestEvent> = {
  'peer.appeared': 'A peer has joined the channel that may not have heard the question.',
  acknowledged: 'A device shows the question to the person.',
  approved: 'A device says that the person said yes.',
  declined: 'A device says that the person said no.',
  authorised: 'The database counts this node among its writers.',
  cancel: 'The person has thought better of it.',
  renew: 'The machine’s own: the question is about to get too old.',
}

export const request: Chapter = {
  id: 'request',
  introduction: `The new device’s side of the question “may I write?”. [[node]] runs one while it is in [[node:awaitingAuthorisation]], under an id
that stays the same for as long as the person wants to be let in: sent again, renewed or asked after a restart, it is the same question,
and on every device that shows it there is one prompt.

Three things go on at once: getting the question out ([[request:asking.sending]]), keeping it valid ([[request:asking.lifetime]]), and
what is known of those who hear it ([[request:asking.hearing]]). None of the three ends the asking: that is for the database
([[request!authorised]]), a person’s no, or a person who no longer wants.

Its other half, on the devices that may answer, is [[prompt]].`,
  events,
  actors: {
    sendRequest: 'Signs a new message under the request’s id, seals it once, and sends it to every peer.',
    repeatRequest:
      'Sends the last message again: the same words under a fresh nonce, so that relays let it pass.',
    sendCancel: 'Tells the devices that show the question that they needn’t.',
  },
  delays: {
    renewal: 'A message lives for ten minutes. It is renewed a minute before.',
    repeat:
      'A question that nobody has heard is repeated: a device may have come by a road that told nobody.',
  },
  stories: [{ title: 'Asked, repeated, renewed and answered', file: 'request.ts' }],
}

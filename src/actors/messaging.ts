import { fromCallback } from 'xstate'
import type { Channel } from './channel.js'
import type { Link } from './link.js'

/** Connects one link to the node's channel for as long as the link lasts. A reader without the channel hears nothing. */
export const createMessaging = (services: { links: Map<string, Link>; channel: () => Channel | undefined }) =>
  fromCallback<{ type: string }, { linkId: string }>(({ input }) => {
    const link = services.links.get(input.linkId)
    const channel = services.channel()
    if (!link || !channel) return
    link.onExtension = (name, bytes) => channel.receive(link, name, bytes)
    const leave = channel.join(link)
    return () => {
      leave()
      delete link.onExtension
    }
  })

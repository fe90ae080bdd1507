import { fromCallback } from 'xstate'
import type { Keyring } from '../adapters/crypto/keyring.js'
import { redial } from '../adapters/transport/redial.js'
import type { TransportHost } from '../adapters/transport/transport.js'
import type { NodeEvent } from '../machines/node.js'
import { toProblem } from '../machines/problem.js'
import { createLink } from './link.js'
import type { NodeServices } from './services.js'

/** Nothing for a reader by hyphalink, who has no keys. */
const introductionSeal = (keyring: Keyring | undefined): Pick<TransportHost, 'seal'> =>
  keyring ? { seal: { seal: keyring.sealIntroduction, open: keyring.openIntroduction } } : {}

/** Starts the node's transports and announces each connection, by the id of its link. */
export const createTransports = (services: NodeServices) =>
  fromCallback<{ type: string }, undefined>(({ sendBack }) => {
    const { session, transports, links } = services
    let stopped = false
    let count = 0
    const tell = (event: NodeEvent) => {
      if (!stopped) sendBack(event)
    }
    const start = () =>
      Promise.all(
        transports.map((transport) =>
          transport.start(session?.database.discoveryKey ?? new Uint8Array(32), {
            connection: (connection) => {
              if (stopped) {
                connection.stream.destroy()
                return
              }
              const link = createLink(String(++count), connection)
              links.set(link.id, link)
              const { transport: road, direction, address } = connection
              tell({ type: 'connection', link: { linkId: link.id, transport: road, direction, address } })
            },
            error: (error) => services.report(error),
            dial: (target) => redial(target, { onError: (error) => services.report(error) }),
            ...introductionSeal(session?.keyring),
          }),
        ),
      )
    start().then(
      () => tell({ type: 'transports.ready' }),
      (error) => {
        services.failure = error
        tell({ type: 'transports.failed', problem: toProblem(error) })
      },
    )
    return () => {
      stopped = true
    }
  })

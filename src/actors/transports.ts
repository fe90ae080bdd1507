import { fromCallback } from 'xstate'
import type { NetworkListener, NetworkWatcher } from '../adapters/network.js'
import type { TransportHost } from '../adapters/transport/transport.js'
import type { NetworkEvent } from '../machines/network-events.js'
import { type Problem, toProblem } from '../machines/problem.js'
import type { TransportEvent } from '../machines/transport.js'
import { HyphaError } from '../protocol/errors.js'
import type { Dials } from './dialling.js'
import { createLink } from './link.js'
import { toError } from './problems.js'
import type { NodeServices } from './services.js'

const notStarted = (error: unknown): HyphaError =>
  error instanceof HyphaError
    ? error
    : new HyphaError('OPENING_FAILED', 'A transport could not be started. Its cause says why.', {
        cause: error,
      })

/** Starts and stops one of the node's transports, and is the host that the transport tells. */
export const createRoad = (services: NodeServices, dials: Dials) => {
  let count = 0
  return fromCallback<{ type: string }, { transportId: string }>(({ input, sendBack, receive }) => {
    const { transportId } = input
    const transport = services.transports.find(({ id }) => id === transportId)?.transport
    const { links } = services
    let stopped = false
    const tell = (event: TransportEvent) => {
      if (!stopped) sendBack(event)
    }
    /** Of one hypha: a transport is started anew for another. */
    const createHost = (): TransportHost => {
      const keyring = services.session?.keyring
      return {
        connection: (connection) => {
          if (stopped) {
            connection.stream.destroy()
            return
          }
          const link = createLink(String(++count), connection)
          link.transportId = transportId
          links.set(link.id, link)
          const { transport: road, direction, address } = connection
          tell({ type: 'connection', link: { linkId: link.id, transport: road, direction, address } })
        },
        error: (error) => {
          const { code, message } = toProblem(error)
          tell({ type: 'transport.troubled', problem: { code, message } })
          services.report(error)
        },
        isSpared: (connection) => {
          for (const link of links.values()) if (link.connection === connection) return link.isProven === true
          return false
        },
        dial: (target) => {
          const dialId = dials.add(target)
          const { address, isLocal = false, isIntroduction = false } = target
          tell({ type: 'dial.wanted', dial: { dialId, address, isLocal, isIntroduction } })
          return {
            retry: () => tell({ type: 'dial.retry', dialId }),
            stop: () => {
              tell({ type: 'dial.unwanted', dialId })
              return dials.forget(dialId)
            },
          }
        },
        ...(keyring && {
          seal: { seal: keyring.sealIntroduction, open: keyring.openIntroduction },
          prove: keyring.proveMembership,
        }),
      }
    }

    const start = async () => {
      try {
        await transport?.start(services.session?.database.discoveryKey ?? new Uint8Array(32), createHost())
        tell({ type: 'transport.started' })
      } catch (reason) {
        tell({ type: 'transport.failed', problem: toProblem(notStarted(reason)) })
      }
    }
    const stop = async () => {
      try {
        await transport?.stop()
      } catch (error) {
        services.report(error)
      }
      // Whatever the transport left open: it is off.
      for (const link of links.values())
        if (link.transportId === transportId) link.connection.stream.destroy()
      tell({ type: 'transport.stopped' })
    }
    receive(({ type }) => void (type === 'start' ? start() : stop()))
    return () => {
      stopped = true
    }
  })
}

/** Tells what the device's network and the page do. */
export const createNetwork = (watch: (listener: NetworkListener) => NetworkWatcher) =>
  fromCallback<{ type: string }, undefined>(({ sendBack, receive }) => {
    const tell = (type: NetworkEvent['type']) => () => sendBack({ type })
    const watcher = watch({
      online: tell('network.online'),
      offline: tell('network.offline'),
      hidden: tell('page.hidden'),
      visible: tell('page.visible'),
    })
    receive(({ type }) => watcher.watch(type === 'watch'))
    return watcher.stop
  })

/** What machines report, as an error again: the one that it was, where that is known. */
export const createReport =
  (services: NodeServices) =>
  ({ problem }: { problem?: Problem | undefined }): void => {
    if (problem) services.report(toError(problem))
  }

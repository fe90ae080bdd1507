import { createActor } from 'xstate'
import { createDials } from '../../../src/actors/dialling.js'
import type { Connection, TransportHost } from '../../../src/adapters/transport/transport.js'
import { dialMachine } from '../../../src/machines/index.js'

/** A host for transports without a node around them: it keeps addresses connected, as a node's does, and tells what comes. */
export const createHost = (heard: {
  connection(connection: Connection): void
  error?(error: Error): void
}): TransportHost => {
  const { connection, error = () => {} } = heard
  const dials = createDials()
  const machine = dialMachine.provide({
    actors: { dial: dials.actor },
    actions: { report: (_, { dialId }) => error(dials.failureOf(dialId) ?? new Error('no reason given')) },
  })
  return {
    connection,
    error,
    dial: (target) => {
      const dialId = dials.add(target)
      const { address, isLocal = false } = target
      const actor = createActor(machine, { input: { dialId, address, isLocal } }).start()
      return {
        retry: () => actor.send({ type: 'retry' }),
        stop: () => {
          if (actor.getSnapshot().status === 'active') actor.send({ type: 'stop' })
          return dials.forget(dialId)
        },
      }
    },
  }
}

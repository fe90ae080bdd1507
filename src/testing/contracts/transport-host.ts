import { createActor } from 'xstate'
import { createDials } from '../../actors/dialling.js'
import type { Connection, IntroductionSeal, TransportHost } from '../../adapters/transport/transport.js'
import { dialMachine } from '../../machines/dial.js'
import { errorBehind } from '../../machines/problem.js'

/** Stands in for the person's keys: opens what was sealed for the same context, and hides nothing. */
const openSeal: IntroductionSeal = {
  seal: (plaintext, context) => Buffer.concat([context, plaintext]),
  open: (sealed, context) =>
    Buffer.compare(sealed.subarray(0, context.length), context) === 0
      ? sealed.subarray(context.length)
      : undefined,
}

export interface TransportEars {
  connection(connection: Connection): void
  error?(error: Error): void
}

/** A host for transports without a node around them: it keeps addresses connected, as a node's does, and tells what comes. */
export const createTransportHost = (heard: TransportEars): TransportHost => {
  const { connection, error = () => {} } = heard
  const dials = createDials()
  const machine = dialMachine.provide({
    actors: { dial: dials.actor },
    actions: {
      report: (_, { problem }) => {
        const failure = problem && errorBehind(problem)
        error(failure instanceof Error ? failure : new Error('no reason given'))
      },
    },
  })
  return {
    connection,
    error,
    seal: openSeal,
    dial: (target) => {
      const dialId = dials.add(target)
      const { address, isLocal = false } = target
      const actor = createActor(machine, { input: { dialId, address, isLocal } }).start()
      return {
        retry: () => {
          if (actor.getSnapshot().status === 'active') actor.send({ type: 'retry' })
        },
        stop: () => {
          if (actor.getSnapshot().status === 'active') actor.send({ type: 'stop' })
          return dials.forget(dialId)
        },
      }
    },
  }
}

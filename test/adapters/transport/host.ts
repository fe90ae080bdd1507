import { redial } from '../../../src/adapters/transport/redial.js'
import type {
  Connection,
  IntroductionSeal,
  TransportHost,
} from '../../../src/adapters/transport/transport.js'

/** Stands in for the person's keys: opens what was sealed for the same context, and hides nothing. */
const openSeal: IntroductionSeal = {
  seal: (plaintext, context) => Buffer.concat([context, plaintext]),
  open: (sealed, context) =>
    Buffer.compare(sealed.subarray(0, context.length), context) === 0
      ? sealed.subarray(context.length)
      : undefined,
}

/** A host for transports without a node around them: it keeps addresses connected, and tells what comes. */
export const createHost = (heard: {
  connection(connection: Connection): void
  error?(error: Error): void
}): TransportHost => {
  const { connection, error = () => {} } = heard
  return { connection, error, dial: (target) => redial(target, { onError: error }), seal: openSeal }
}

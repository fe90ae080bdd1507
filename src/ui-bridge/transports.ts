import { type Actor, type SnapshotFrom, waitFor } from 'xstate'
import { toError } from '../actors/problems.js'
import type { NodeServices } from '../actors/services.js'
import type { TransportState, TransportStatus } from '../api.js'
import type { dialMachine } from '../machines/dial.js'
import type { nodeMachine } from '../machines/node.js'
import { HyphaError } from '../protocol/errors.js'

type DialSnapshot = SnapshotFrom<typeof dialMachine>
type Address = TransportStatus['addresses'][number]

/** What a started transport is doing, all in all: what works comes first. */
const stateOf = (dials: readonly DialSnapshot[], links: number): TransportState => {
  if (links > 0) return 'connected'
  // Who is introduced waits for others, as a listener does.
  if (dials.some(({ value, context }) => value === 'connected' && context.isIntroduction)) return 'listening'
  const best = (['connected', 'dialling', 'waiting', 'suspended'] as const).find((state) =>
    dials.some(({ value }) => value === state),
  )
  return best ?? 'listening'
}

/** What is to be known of the node's transports, in the order in which they were given. */
export const transportsOf = (
  services: NodeServices,
  { children, context }: SnapshotFrom<typeof nodeMachine>,
): readonly TransportStatus[] => {
  const refs = children.transports?.getSnapshot().context.refs ?? {}
  const statuses = context.transports.map(({ id, name, on }): TransportStatus => {
    const links = [...services.links.values()].filter(
      ({ transportId, connection }) => transportId === id && !connection.stream.destroyed,
    ).length
    const shown = refs[id]?.getSnapshot()
    const dials = Object.values(shown?.context.dials ?? {}).map((dial) => dial.getSnapshot())
    const addresses = dials.flatMap(({ value, context: { address } }): Address[] =>
      value === 'stopped' ? [] : [Object.freeze({ address, state: value })],
    )
    const unreached = dials.find((dial) => dial.context.problem)?.context.problem
    const common = { id, name, on, links, addresses: Object.freeze(addresses) }
    switch (shown?.value) {
      case 'failed':
        return { ...common, state: 'failed', problem: shown.context.problem }
      case 'starting':
        return { ...common, state: 'starting', problem: unreached }
      case 'started':
        return { ...common, state: stateOf(dials, links), problem: unreached ?? shown.context.problem }
      default:
        return { ...common, state: 'stopped', problem: undefined }
    }
  })
  return Object.freeze(statuses.map((status) => Object.freeze(status)))
}

const closed = () => new HyphaError('CLOSED', 'This node has been closed. Create another one.')

/** Takes a transport into use or out of it, and waits until that is so. */
export const setTransport = async (
  actor: Actor<typeof nodeMachine>,
  id: string,
  on: boolean,
): Promise<void> => {
  const { context } = actor.getSnapshot()
  if (!context.transports.some((transport) => transport.id === id)) {
    const ids = context.transports.map((transport) => transport.id).join(', ') || 'none'
    throw new HyphaError(
      'TRANSPORT_UNKNOWN',
      `This node has no transport ${JSON.stringify(String(id))}. Its transports: ${ids}.`,
    )
  }
  if (typeof on !== 'boolean')
    throw new HyphaError('OPTION_INVALID', 'A transport is turned on (true) or off (false).')
  const isClosed = () => actor.getSnapshot().matches('closed')
  if (isClosed()) throw closed()
  actor.send({ type: 'setTransport', id, on })
  // Apps call from listeners, in the middle of a transition, when an event is only queued.
  await Promise.resolve()
  const transport = actor.getSnapshot().children.transports?.getSnapshot().context.refs[id]
  if (!transport) return
  const settled = await waitFor(transport, ({ value }) => value !== 'starting' && value !== 'stopping').catch(
    () => {
      // Its node has left the hypha; what is wished is kept for the next one.
      if (isClosed()) throw closed()
      return undefined
    },
  )
  if (settled?.value !== 'failed' || !on) return
  const { problem } = settled.context
  throw problem ? toError(problem) : new HyphaError('OPENING_FAILED', 'The transport could not be started.')
}

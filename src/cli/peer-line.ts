import type { Peer } from '../api.js'
import { harmless } from './output.js'

const bytes = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** Whom the node is connected to, by which road, how far away, and what has passed. */
export const describePeer = (peer: Peer): string => {
  const { address, transport, direction, relayed, roundTripMs, bytesReceived, bytesSent, spares } = peer
  return [
    `${harmless(address)} by ${harmless(transport)}${relayed ? ' through a relay' : ''}`,
    direction,
    ...(roundTripMs === undefined
      ? []
      : [`${roundTripMs < 10 ? roundTripMs.toFixed(1) : Math.round(roundTripMs)} ms`]),
    `${bytes.format(bytesReceived)} bytes in, ${bytes.format(bytesSent)} out`,
    ...(spares.length > 0 ? [`spare: ${spares.map(harmless).join(', ')}`] : []),
  ].join(', ')
}

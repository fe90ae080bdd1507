import { HyphaError } from '../protocol/errors.js'
import type { Wire, WireOptions } from './wire.js'

export type { CutKind, CutOptions, Wire, WireOptions } from './wire.js'

/** Wires stand on sockets. @throws HyphaError TRANSPORT_UNAVAILABLE */
export const createWire = async (_options: WireOptions): Promise<Wire> => {
  throw new HyphaError(
    'TRANSPORT_UNAVAILABLE',
    'A wire needs sockets, which a page has none of. Create it in Node, and let the page connect to its URL.',
  )
}

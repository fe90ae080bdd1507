import { HyphaError } from '../../protocol/errors.js'
import { createTransport } from './create-transport.js'
import type { hyperswarmPart as partOfNode } from './hyperswarm-transport.js'
import type { Transport } from './transport.js'

export type { HyperswarmOptions } from './hyperswarm-transport.js'

/** There is no UDP in a page: its start says what to use. */
export const hyperswarmPart: typeof partOfNode = (): Transport =>
  createTransport('hyperswarm', async () => {
    throw new HyphaError(
      'TRANSPORT_UNAVAILABLE',
      'A browser can’t reach Hyperswarm. Use webSocket(url) of an always-on node that is in it.',
    )
  })

export const hyperswarm = (): Transport => hyperswarmPart({}, {})

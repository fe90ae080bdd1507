import { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'
import type { Context } from './context.js'
import type { Roads } from './roads.js'
import { sentence } from './sentence.js'

/** Why nobody is met at the end of a road. */
const OF_ROADS = new Set<HyphaErrorCode>([
  'ADDRESS_UNREACHABLE',
  'NOT_HOSTED',
  'CLAIM_REFUSED',
  'CLAIM_INSECURE',
  'TRANSPORT_UNAVAILABLE',
])
/** True of a node that stays, and of none that is about to end. */
const GOES_ON = '; it is tried again until it answers.'
const ANOTHER = '. hypha run --connect <url> gives another address.'

export interface RoadNews {
  /** What the node reports. */
  hear(error: HyphaError): void
  /** Aborted once none of the addresses has led to anybody: there is nothing to wait for. */
  readonly failed: AbortSignal
}

/**
 * Tells the person what goes wrong, each address by its name, and knows when there is nobody to wait for.
 * @param stays whether the command goes on until it is ended
 */
export const createRoadNews = (
  { connect }: Roads,
  { out }: Pick<Context, 'out'>,
  { stays = false } = {},
): RoadNews => {
  const failed = new AbortController()
  const addresses = new Set<string>()
  return {
    failed: failed.signal,
    hear(error) {
      const said = sentence(error)
      out.note(stays ? said : said.replace(GOES_ON, ANOTHER))
      if (!(error instanceof HyphaError) || !OF_ROADS.has(error.code)) return
      const [address = ''] = error.message.split(/: | can't be reached/, 1)
      addresses.add(error.address ?? address)
      if (addresses.size >= new Set(connect).size) failed.abort()
    },
  }
}

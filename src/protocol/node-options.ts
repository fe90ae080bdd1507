import type { NodeOptions } from '../api.js'
import {
  type Check,
  type Checks,
  checkOptions,
  hasMethods,
  invalid,
  isBoolean,
  isString,
  isUrl,
} from './given.js'

const isTransport = hasMethods('', 'start', 'stop')
const isInspector: Check = (value) =>
  typeof value === 'function'
    ? undefined
    : hasMethods('an XState inspector, or its inspect function', 'next')(value)

const CHECKS: Checks<NodeOptions> = {
  name: isString,
  storage: hasMethods(
    'what memoryStorage(), fileStorage() or browserStorage() gives, or your own Storage',
    'file',
    'close',
  ),
  transports: (value) => (Array.isArray(value) ? undefined : 'an array, as in [webSocket(url)]'),
  clock: hasMethods('an object with now, setTimeout and clearTimeout', 'now', 'setTimeout', 'clearTimeout'),
  inspect: isInspector,
  requireWords: isBoolean,
  argon2Worker: isUrl,
}

/** @throws HyphaError OPTION_INVALID */
export const checkNodeOptions = (options: NodeOptions): void => {
  checkOptions('createNode()', options, CHECKS)
  for (const transport of options.transports ?? []) {
    if (isTransport(transport) === undefined && typeof transport.name === 'string') continue
    throw invalid(
      'Each of transports is what webSocket(), tcp(), webRTC() or memoryTransport() gives, or your own Transport.',
    )
  }
}

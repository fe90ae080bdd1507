import { type Check, hasMethods, isFunction, isString } from '../protocol/given.js'

const isNumber: Check = (value) => (typeof value === 'number' ? undefined : 'a number')
const isStrings: Check = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? undefined : 'an array of strings'
const isObjectOr =
  (what: string): Check =>
  (value) =>
    typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? undefined : what

/** Of `createAlwaysOnNode()`. Ranges are looked at where the number is used. */
export const ALWAYS_ON_CHECKS = {
  port: isNumber,
  host: isString,
  hosts: isStrings,
  tcpPort: isNumber,
  storage: hasMethods('what memoryStorage() or fileStorage() gives, or your own Storage', 'file', 'close'),
  claim: isNumber,
  claimCode: isString,
  hyphas: isStrings,
  swarm: isObjectOr('true, false, or options of a swarm'),
  tls: (value: unknown) =>
    typeof value === 'object' && value !== null ? undefined : 'an object with key and cert, as PEM',
  maxHyphaBytes: isNumber,
  maxConnections: isNumber,
  maxConnectionsPerHypha: isNumber,
  webApp: isString,
  inspect: isObjectOr('true, false, or { page }'),
  onError: isFunction,
}

const isPem: Check = (value) =>
  typeof value === 'string' || ArrayBuffer.isView(value) ? undefined : 'PEM, as text or bytes'
export const TLS_CHECKS = { key: isPem, cert: isPem }
export const INSPECT_CHECKS = { page: isString }

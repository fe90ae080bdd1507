/**
 * The always-on node: stores and relays what it cannot read.
 *
 * ```ts
 * const alwaysOn = await createAlwaysOnNode({ port: 4280, claim: 3 })
 * console.log(`Connect to ${alwaysOn.url}`)
 * await alwaysOn.close()
 * ```
 */
export { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'
export {
  type AlwaysOnNode,
  type AlwaysOnNodeOptions,
  type AlwaysOnStatus,
  createAlwaysOnNode,
} from './always-on-node.js'

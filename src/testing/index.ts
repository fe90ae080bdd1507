/**
 * For tests of apps. A road between two nodes that breaks when it is told to:
 *
 * ```ts
 * import { createWire } from 'hypha-runtime/testing'
 *
 * const wire = await createWire({ to: alwaysOn.url, seed: 7 })
 * const node = createNode({ transports: [webSocket(wire.url)] })
 * await wire.cut({ afterBytes: 1_000, how: 'silence' })
 * wire.heal()
 * await wire.close()
 * ```
 *
 * Paths out of statecharts, walked by what these drive, and which transitions were taken by it:
 *
 * ```ts
 * import { createCoverage, describeCoverage, pathsOf, runPath } from 'hypha-runtime/testing'
 *
 * const coverage = createCoverage([checkoutMachine])
 * const { paths } = pathsOf(checkoutMachine, { events: [{ type: 'pay' }, { type: 'cancel' }], as: 'tours' })
 * for (const path of paths) {
 *   const shop = openShop({ inspect: coverage.inspect })
 *   await runPath(path, { pay: () => shop.pay(), cancel: () => shop.cancel() }, ({ value }) => expect(shop.state).toBe(value))
 * }
 * console.log(describeCoverage(coverage.report()))
 * ```
 */
export { createSimulatedClock, type SimulatedClock, type SimulatedClockOptions } from './clock.js'
export type { ContractCase } from './contracts/checks.js'
export {
  type StorageContractOptions,
  type StoragePlace,
  storageContract,
} from './contracts/storage.js'
export { type TransportPair, transportContract } from './contracts/transport.js'
export { createTransportHost, type TransportEars } from './contracts/transport-host.js'
export {
  type Coverage,
  type CoverageOptions,
  type CoverageReport,
  createCoverage,
  describeCoverage,
  type MachineCoverage,
} from './coverage.js'
export { type FaultyStorage, faultyStorage, type StorageFault } from './faulty-storage.js'
export type { Accident, AccidentKind, MisbehaveOptions, Misbehaviour } from './misbehave.js'
export { type Path, type PathOptions, type Paths, pathsOf, type Step, type World } from './paths.js'
export { type Check, type Executors, type RunOptions, runPath, type StepInfo } from './run-path.js'
export { type AnyEvent, nameOfTransition, transitionsOf } from './transitions.js'
export { type CutKind, type CutOptions, createWire, type Wire, type WireOptions } from './wire.js'
export type { WireDirection } from './wire-direction.js'
export { createWitness, type Follower, type Witness } from './witness.js'

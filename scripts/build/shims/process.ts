/**
 * What the engine asks of Node's `process`. Its ticks are microtasks: those of the npm package of that name are timers, with
 * which a thousand reads take seconds. It stays inside of the bundle: no global of that name appears.
 */
const process = {
  browser: true,
  env: {},
  nextTick: (run: (...given: unknown[]) => void, ...given: unknown[]): void =>
    queueMicrotask(() => run(...given)),
}
export default process

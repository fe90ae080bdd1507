/**
 * The inspector's recorder: attaches to a running node, and tells what its actors and sealed messages do, as plain JSON
 * without secrets. `publish` sends it to an inspector's window. Runs in browsers, too.
 *
 * ```ts
 * import { createSession, createTimeline, inspect, parseSession } from 'hypha-runtime/inspector'
 *
 * const inspection = inspect(node)
 * const stop = inspection.subscribe((events) => console.log(events))
 * const text = JSON.stringify(createSession([inspection.recording()]))
 * inspection.detach()
 *
 * const [recording] = parseSession(text).recordings
 * console.log(createTimeline(recording).at(10).actors)
 * ```
 */
export * from './events.js'
export { type Inspection, type InspectOptions, inspect } from './inspect.js'
export { type PublishOptions, publish } from './publish.js'
export { createSession, parseSession } from './session.js'
export {
  connectStately,
  type StatelyEvent,
  type StatelyMessage,
  type StatelyOpener,
  type StatelyOptions,
  type StatelyTarget,
  toStately,
} from './stately.js'
export { type ActorPicture, createTimeline, type Picture, type Timeline } from './timeline.js'

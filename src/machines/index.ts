/** The statecharts, importable alone: provide your own actors, walk their paths, draw them. */
export * from './node.js'
export * from './peer.js'
export type { Problem } from './problem.js'
export * from './prompt.js'
export * from './prompts.js'
export * from './request.js'

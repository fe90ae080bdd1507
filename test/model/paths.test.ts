/**
 * The statecharts write these tests: paths are found on the real machines and walked by real nodes, which others see from
 * outside only. `npm run test:model` runs them and prints which transitions were taken.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeCoverage, type Path } from '../../src/testing/index.js'
import { dialPaths, walkDial } from './dial.js'
import { createHypha } from './hypha.js'
import { walkNode } from './node.js'
import { nodePaths } from './node-world.js'
import { peerPaths, walkPeer } from './peer.js'
import { promptPaths, walkPrompt } from './prompt.js'
import { promptsPaths, walkPrompts } from './prompts.js'
import { requestPaths, walkRequest } from './request.js'
import { KEY_GOES, walkSharedKey } from './shared-key.js'
import { coverage } from './stage.js'
import { transportPaths, walkTransport } from './transport.js'
import { transportsPaths, walkTransports } from './transports.js'

// What bundlers do for pages: a device whose network and page are heard of by events.
vi.mock('../../src/adapters/network.js', () => vi.importActual('../../src/adapters/network.browser.js'))

const named = (paths: readonly Path[]) =>
  paths.map((path, index): [string, Path] => {
    const { steps } = path
    return [`${index + 1}, ${steps.length} steps to ${steps[steps.length - 1]?.event.type}`, path]
  })

/** The steps have limits of their own, and say where one was reached. */
const LIMIT = 240_000

/** Made once: each path's nodes begin on copies of its devices. */
const hypha = createHypha()

beforeAll(async () => {
  await hypha
  // In development XState warns of what actors that broke leave behind, and here they are broken on purpose.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
}, LIMIT)
afterAll(() => {
  vi.restoreAllMocks()
})

describe.each(dialPaths)('an address (of this device: $isLocal)', ({ isLocal, paths }) => {
  it.each(named(paths))('goes path %s', (_, path) => walkDial(path, isLocal), LIMIT)
})

describe('a transport', () => {
  it.each(named(transportPaths.paths))('goes path %s', (_, path) => walkTransport(path), LIMIT)
})

describe('a node’s transports', () => {
  it.each(named(transportsPaths.paths))('go path %s', (_, path) => walkTransports(path), LIMIT)
})

describe('a peer', () => {
  it.each(named(peerPaths.paths))('goes path %s', async (_, path) => walkPeer(path, await hypha), LIMIT)
})

describe('a prompt', () => {
  it.each(named(promptPaths.paths))('goes path %s', async (_, path) => walkPrompt(path, await hypha), LIMIT)
})

describe('a node’s prompts', () => {
  it.each(named(promptsPaths.paths))('go path %s', async (_, path) => walkPrompts(path, await hypha), LIMIT)
})

describe('a request', () => {
  it.each(named(requestPaths.paths))('goes path %s', async (_, path) => walkRequest(path, await hypha), LIMIT)
})

describe('a node', () => {
  it.each(named(nodePaths.paths))('goes path %s', async (_, path) => walkNode(path, await hypha), LIMIT)
})

describe('a node whose key is another one’s', () => {
  it.each(KEY_GOES)('gets a new one %s', async (when) => walkSharedKey(when, await hypha), LIMIT)
})

describe('all of them together', () => {
  it('take every transition of every statechart', () => {
    const { taken, of, machines, wrong } = coverage.report()
    process.stdout.write(`${describeCoverage(coverage.report())}\n`)
    expect(machines.flatMap(({ machine, missed }) => missed.map((name) => `${machine} · ${name}`))).toEqual(
      [],
    )
    expect(wrong).toEqual([])
    expect(taken).toBe(of)
  })
})

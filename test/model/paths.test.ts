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
import { coverage } from './stage.js'
import { transportPaths, walkTransport } from './transport.js'
import { transportsPaths, walkTransports } from './transports.js'

// What bundlers do for pages: a device whose network and page are heard of by events.
vi.mock('../../src/adapters/network.js', () => vi.importActual('../../src/adapters/network.browser.js'))

/** Made once: each path's nodes begin on copies of its devices. */
const hypha = createHypha()

beforeAll(async () => {
  await hypha
  // In development XState warns of what actors that broke leave behind, and here they are broken on purpose.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterAll(() => {
  vi.restoreAllMocks()
})

const named = (paths: readonly Path[]) =>
  paths.map((path, index) => ({ path, name: `${index + 1}, of ${path.steps.length} steps` }))

describe.each(dialPaths)('an address (of this device: $isLocal)', ({ isLocal, paths }) => {
  it.each(
    paths.map((path, index) => ({ path, name: `${index + 1} of ${path.steps.length} steps` })),
  )('goes path $name', ({ path }) => walkDial(path, isLocal))
})

describe('a transport', () => {
  it.each(named(transportPaths.paths))('goes path $name', ({ path }) => walkTransport(path))
})

describe('a node’s transports', () => {
  it.each(named(transportsPaths.paths))('go path $name', ({ path }) => walkTransports(path))
})

describe('a peer', () => {
  it.each(named(peerPaths.paths))('goes path $name', async ({ path }) => walkPeer(path, await hypha))
})

describe('a prompt', () => {
  it.each(named(promptPaths.paths))('goes path $name', async ({ path }) => walkPrompt(path, await hypha))
})

describe('a node’s prompts', () => {
  it.each(named(promptsPaths.paths))('go path $name', async ({ path }) => walkPrompts(path, await hypha))
})

describe('a request', () => {
  it.each(named(requestPaths.paths))('goes path $name', async ({ path }) => walkRequest(path, await hypha))
})

describe('a node', () => {
  it.each(named(nodePaths.paths))('goes path $name', async ({ path }) => walkNode(path, await hypha))
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

import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { createMemoryNetwork, type HyphaNode, memoryTransport } from '../../src/index.js'
import { GREETING_DELAY_MS } from '../../src/machines/index.js'
import { reached, until } from '../node/until.js'
import { DOMAIN, type Hypha } from './hypha.js'
import { createRoad } from './road.js'
import { createStage } from './stage.js'
import { createStore } from './store.js'

/** When the node is told that its key is another one's: each is a way of its own in the statechart. */
export const KEY_GOES = [
  'at rest',
  'while it comes back',
  'while it signs in',
  'where a link breaks',
] as const

const isIn = (node: HyphaNode, ...value: string[]) =>
  value.length === 1
    ? node.state === value[0]
    : node.actor.getSnapshot().matches({ [value[0]!]: value[1]! } as never)

/**
 * A device on a copy of another one's storage, which was opened first and keeps the key. What a path can't say is told here: how the
 * feed is fetched takes many steps of other actors.
 */
export const walkSharedKey = async (when: (typeof KEY_GOES)[number], hypha: Hypha): Promise<void> => {
  const stage = createStage()
  const network = createMemoryNetwork()
  const road = createRoad()
  const disk = createStore()
  disk.become(when === 'while it signs in' ? hypha.writer.withoutRecord() : hypha.writer)
  const twin = stage.other({
    storage: hypha.writer.copy().storage,
    transports: [memoryTransport(network)],
  })
  await reached(twin, 'writer')
  await twin.setTransport('memory', when !== 'where a link breaks')
  // Of two that began in one second chance decides.
  stage.time.advance(2_000)
  if (when === 'while it comes back') road.starting.hold()
  const node = stage.subject({
    storage: disk.storage,
    transports: [road.transport, memoryTransport(network)],
  })
  /** Links are dialled again and peers say that they are there by the stage's clock: it goes on with what they do. */
  let isPassing = true
  const passing = (async () => {
    while (isPassing) {
      for (let turn = 0; turn < 20; turn++) await setImmediate()
      stage.time.advance(50)
    }
  })()
  let isGone = false
  let isChanging = false
  stage.inspecting(node, (event) => {
    isGone ||= stage.isSent(event, 'database.keyGone')
    isChanging ||= isIn(node, 'opening', 'changingKey')
  })
  try {
    if (when === 'while it signs in') {
      await reached(node, 'signedOut')
      disk.hold((name) => name.startsWith('node/'))
      const entering = node.signIn({ domain: DOMAIN, passphrase: hypha.passphrase, request: false })
      await until(node, () => isGone)
      expect(isIn(node, 'opening', 'remembering')).toBe(true)
      disk.release()
      await entering
      return
    }
    if (when === 'where a link breaks') {
      await reached(node, 'writer')
      stage.failTimers((delay) => delay === GREETING_DELAY_MS)
      const { ours } = road.link()
      stage.failTimers(() => false)
      ours.destroy = () => {
        throw new Error('It broke.')
      }
      await twin.setTransport('memory', true)
    }
    await until(node, () => isGone)
    if (when === 'while it comes back') {
      expect(isChanging).toBe(true)
      road.starting.free()
    }
    await reached(node, 'awaitingAuthorisation')
    expect(node.getSnapshot().problem?.code).toBe('WRITER_SHARED')
    expect(node.writerKey).not.toBe(twin.writerKey)
    expect(await node.get('greeting')).toBe('hello')
  } finally {
    disk.mend()
    disk.release()
    road.starting.free()
    isPassing = false
    await passing
    await stage.close()
  }
}

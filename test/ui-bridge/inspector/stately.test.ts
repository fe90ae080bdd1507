import { createBrowserReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createNode, type HyphaNode, memoryStorage } from '../../../src/index.js'
import {
  connectStately,
  inspect,
  type StatelyEvent,
  type StatelyMessage,
  toStately,
} from '../../../src/ui-bridge/inspector/index.js'
import { allOf } from './look.js'

const nodes: HyphaNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})
const signedUp = async () => {
  const node = createNode({ storage: memoryStorage() })
  nodes.push(node)
  const inspection = inspect(node)
  await node.signUp({ domain: 'alice.example' })
  return { node, inspection }
}

/** What both sides of a page's windows do with messages, at once instead of later. */
class FakeWindow {
  readonly self = this
  top: object = this
  opener: unknown
  readonly origin: string
  readonly listeners = new Set<(event: StatelyMessage) => void>()
  opened: string[] = []
  other: FakeWindow | undefined
  constructor(origin: string) {
    this.origin = origin
  }
  addEventListener(_type: 'message', listener: (event: StatelyMessage) => void) {
    this.listeners.add(listener)
  }
  removeEventListener(_type: 'message', listener: (event: StatelyMessage) => void) {
    this.listeners.delete(listener)
  }
  open(url: string) {
    this.opened.push(url)
    return this.other ? handleOf(this.other, this) : null
  }
}
/** One window's handle on another: what goes in must be clonable, and the origin must be the one that is meant. */
const handles = new Map<FakeWindow, { postMessage(message: unknown, origin: string): void }>()
const handleOf = (window: FakeWindow, from: FakeWindow) => {
  const known = handles.get(window)
  if (known) return known
  const handle = {
    postMessage: (message: unknown, origin: string) => {
      if (origin !== '*' && origin !== window.origin) return
      const event = { data: structuredClone(message), source: handles.get(from), origin: from.origin }
      for (const listener of [...window.listeners]) listener(event)
    },
  }
  handles.set(window, handle)
  return handle
}

const windows = () => {
  handles.clear()
  const page = new FakeWindow('https://app.example')
  const stately = new FakeWindow('https://stately.ai')
  page.other = stately
  stately.opener = handleOf(page, stately)
  handleOf(stately, page)
  return { page, stately }
}
/** Stately's own code, as its page runs it. */
const receive = (window: FakeWindow): StatelyInspectionEvent[] => {
  const received: StatelyInspectionEvent[] = []
  // It says that it is there as it is created, and is listened to from then on.
  const receiver = createBrowserReceiver({ window })
  receiver.subscribe((event) => received.push(event))
  return received
}

describe('what Stately’s inspector is told', () => {
  it('has the types that it takes, and nothing of ours', async () => {
    const { inspection } = await signedUp()
    const events = allOf(inspection.recording())
    const told = events.flatMap((event): StatelyInspectionEvent[] => {
      // Assigned: the compiler looks at the shape.
      const forThem: StatelyEvent | undefined = toStately(event)
      return forThem ? [forThem] : []
    })
    expect(told.length).toBe(events.filter(({ type }) => type.startsWith('@xstate.')).length)
    for (const event of told) {
      expect(event).not.toHaveProperty('transitions')
      expect(event).not.toHaveProperty('source')
      expect(event.createdAt).toMatch(/^\d+$/)
      if (event.type !== '@xstate.actor') continue
      expect(JSON.parse(event.definition ?? '')).toHaveProperty('id')
      expect(event.snapshot.status).toBe('active')
    }
    const death = events.find(({ type }) => type === 'hypha.death')
    expect(death && toStately(death)).toBeUndefined()
  })

  it('arrives in its own receiver: what was there, and what comes', async () => {
    const { node, inspection } = await signedUp()
    const { page, stately } = windows()
    const disconnect = connectStately([inspection], { window: page })
    expect(page.opened).toEqual(['https://stately.ai/inspect'])
    const received = receive(stately)
    const hello = () => handleOf(page, stately).postMessage({ type: '@statelyai.connected' }, '*')
    hello()
    const births = received.filter(({ type }) => type === '@xstate.actor')
    expect(births[0]).toMatchObject({
      name: 'node',
      sessionId: inspection.node.rootId,
      rootId: inspection.node.rootId,
    })
    const before = received.length
    void node.actor.send({ type: 'close' })
    await vi.waitFor(() =>
      expect(received.slice(before)).toContainEqual(
        expect.objectContaining({
          type: '@xstate.snapshot',
          snapshot: expect.objectContaining({ value: { closed: 'released' } }),
        }),
      ),
    )
    // Loaded anew, it is told everything anew, once.
    const sofar = received.length
    hello()
    expect(received.length - sofar).toBe(sofar)

    disconnect()
    expect(page.listeners.size).toBe(0)
    hello()
    expect(received.length - sofar).toBe(sofar)
  })

  it('goes to nobody else', async () => {
    const { inspection } = await signedUp()
    const { page, stately } = windows()
    const posted = vi.fn()
    const disconnect = connectStately([inspection], { window: page, target: { postMessage: posted } })
    expect(page.opened).toEqual([])
    // From another window, and from another origin.
    handleOf(page, stately).postMessage({ type: '@statelyai.connected' }, '*')
    for (const listener of page.listeners)
      listener({ data: { type: '@statelyai.connected' }, source: {}, origin: 'https://stately.ai' })
    expect(posted).not.toHaveBeenCalled()
    disconnect()
    expect(posted).not.toHaveBeenCalled()
  })

  it('is refused where there is no window', async () => {
    const { inspection } = await signedUp()
    const { page } = windows()
    page.other = undefined
    const option = expect.objectContaining({ code: 'OPTION_INVALID' })
    expect(() => connectStately([inspection])).toThrow(option)
    expect(() => connectStately([inspection], { window: page })).toThrow(option)
    expect(() => connectStately([inspection], { window: page, url: 'nowhere' })).toThrow(option)
  })
})

import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { type AnyActorRef, fromCallback } from 'xstate'
import { createAlwaysOnNode } from '../../../src/always-on/index.js'
import { createPeers } from '../../../src/always-on/peers.js'
import { createNode, type HyphaNode, type Transport, tcp, webSocket } from '../../../src/index.js'
import { peerMachine } from '../../../src/machines/peer.js'
import { createTimeline, type Inspection, inspect } from '../../../src/ui-bridge/inspector/index.js'
import { next, reached, until } from '../../node/until.js'
import { expectSound, isObserved, linesOf, recordedLiving, told } from './look.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const DOMAIN = 'alice.example'
const start = async () => {
  const host = await createAlwaysOnNode({ port: 0, tcpPort: 0 })
  ends.push(() => host.close())
  const device = (name: string, ...transports: Transport[]): HyphaNode => {
    const node = createNode({ name, transports })
    ends.push(() => node.close())
    return node
  }
  return {
    host,
    laptop: device('laptop', webSocket(host.url)),
    phone: device('phone', tcp({ connect: [`127.0.0.1:${host.tcpPort}`] })),
  }
}

const messagesOf = (inspection: Inspection) =>
  inspection.recording().events.filter((event) => event.type === 'hypha.message')

describe('an always-on node under inspection', () => {
  it('shows its peers as the children of one actor, also those that were there', async () => {
    const { host, laptop, phone } = await start()
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    await until(laptop, () => laptop.getSnapshot().peers.length === 1)
    const inspection = inspect(host)
    expect(inspection.node).toEqual({
      rootId: expect.stringMatching(/^[0-9a-f]{8}:always-on$/),
      name: 'always-on',
      kind: 'always-on',
    })
    const there = recordedLiving(inspection.recording())
    expect(there[0]).toBe('always-on')
    expect(there.filter((path) => path.endsWith('/messaging'))).toHaveLength(1)
    expect(there.every((path) => /^always-on(\/peer:\d+(\/\w+)?)?$/.test(path))).toBe(true)

    await phone.signIn({ domain: DOMAIN, passphrase, request: false })
    await until(phone, () => phone.getSnapshot().peers.length === 1)
    await told(
      inspection,
      () => recordedLiving(inspection.recording()).filter((path) => path.endsWith('/messaging')).length === 2,
    )
    const { actors } = createTimeline(inspection.recording()).at(Number.POSITIVE_INFINITY)
    const peers = [...actors.values()].filter(({ source, diedAt }) => source === 'peer' && !diedAt)
    expect(peers).toHaveLength(2)
    for (const { snapshot, parentId } of peers) {
      expect(parentId).toBe(inspection.node.rootId)
      expect(snapshot).toMatchObject({ value: 'connected', context: { direction: 'incoming' } })
    }

    await phone.close()
    await told(
      inspection,
      () => recordedLiving(inspection.recording()).filter((path) => path.endsWith('/messaging')).length === 1,
    )
    await laptop.close()
    await host.close()
    expect(recordedLiving(inspection.recording())).toEqual([])
    expect(linesOf(inspection.recording()).at(-1)).toBe('always-on dies')
    expectSound(inspection.recording())
  })

  it('shows each frame that it passes on, known on all nodes, and its kind where it can be opened', async () => {
    const { host, laptop, phone } = await start()
    const [onHost, onLaptop, onPhone] = [inspect(host), inspect(laptop), inspect(phone)]
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const asked = next(laptop, 'authorisation-requested')
    await phone.signIn({ domain: DOMAIN, passphrase })
    const { id } = await asked
    await laptop.authorise(id)
    await reached(phone, 'writer')
    await told(onPhone, () => messagesOf(onPhone).some(({ kind }) => kind === 'decision'))
    for (const kind of ['request', 'decision'] as const) {
      const [from, to] = kind === 'request' ? [onPhone, onLaptop] : [onLaptop, onPhone]
      const received = messagesOf(to).find((message) => message.kind === kind && message.what === 'received')
      const relayed = messagesOf(onHost).filter(({ frame }) => frame === received?.frame)
      expect(relayed).toHaveLength(1)
      expect(relayed[0]).toMatchObject({ what: 'relayed', links: 1, bytes: received?.bytes })
      expect(relayed[0]).not.toHaveProperty('kind')
      expect(relayed[0]).not.toHaveProperty('request')
      const sent = messagesOf(from).find(({ frame }) => frame === received?.frame)
      expect(sent).toMatchObject({ what: 'sent', kind, request: id })
      const times = [sent, relayed[0], received].map((message) => Number(message?.createdAt))
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      const names = createTimeline(onHost.recording()).at(Number.POSITIVE_INFINITY).actors
      expect(names.get(relayed[0]?.sessionId ?? '')?.name).toBe('messaging')
    }
    for (const { recording } of [onHost, onLaptop, onPhone]) expectSound(recording())
  })
})

describe('the peers of an always-on node', () => {
  it('are observed only while somebody inspects', async () => {
    const actors: AnyActorRef[] = []
    const machine = peerMachine.provide({
      actors: {
        replication: fromCallback<{ type: string }, { linkId: string }>(({ self }) => {
          if (self._parent) actors.push(self._parent)
        }),
      },
    })
    const peers = createPeers({ links: new Map(), machine, onEnded: () => {}, onError: () => {} })
    const connect = () => {
      const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
      peers.add({
        stream,
        transport: 'tcp',
        direction: 'incoming',
        address: 'a',
        confidential: true,
        local: true,
      })
    }
    let heard = 0
    const look = () =>
      peers.observe({ root: () => heard++, inspected: () => heard++, message: () => {}, ended: () => {} })

    connect()
    expect(actors.map(isObserved)).toEqual([false])
    const [first, second] = [look(), look()]
    connect()
    expect(actors.map(isObserved)).toEqual([true, true])
    first()
    expect(actors.map(isObserved)).toEqual([true, true])
    actors[0]?.send({ type: 'disconnect' })
    second()
    expect(isObserved(actors[1]!)).toBe(false)
    connect()
    expect(isObserved(actors[2]!)).toBe(false)
    const before = heard
    for (const actor of actors.slice(1)) actor.send({ type: 'summary', counters: {} })
    expect(heard).toBe(before)
    const third = look()
    expect(actors.slice(1).map(isObserved)).toEqual([true, true])
    peers.close()
    third()
    await Promise.resolve()
    expect(actors.slice(1).map(isObserved)).toEqual([false, false])
  })
})

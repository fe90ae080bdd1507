import { createActor, fromCallback } from 'xstate'
import { peerMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const atWork = new Set<string>()
const work = (name: string) =>
  fromCallback<{ type: string }, { linkId: string }>(() => {
    atWork.add(name)
    return () => atWork.delete(name)
  })
const machine = peerMachine.provide({
  actors: {
    replication: work('replication'),
    messaging: work('messaging'),
    deduplication: work('deduplication'),
    claiming: work('claiming'),
  },
})
const clock = createSimulatedClock()
const input = { linkId: '1', transport: 'tcp', direction: 'outgoing', address: 'example.org:4281' } as const

// Whoever is at the other end says so within ten seconds, or the link is given up.
const silent = createActor(machine, { clock, input }).start()
clock.advance(10_000)
console.log(silent.getSnapshot().output?.reason) // 'silent'

const peer = createActor(machine, { clock, input }).start()
console.log([...atWork]) // ['replication']
peer.send({ type: 'replication.proving' })
peer.send({ type: 'replication.spare' })
console.log(peer.getSnapshot().value) // 'spare'

// The link that was used broke: this one takes over, and only now messages pass here.
peer.send({ type: 'replication.used' })
console.log([...atWork]) // ['replication', 'deduplication', 'messaging']
peer.send({ type: 'summary', counters: { blocksReceived: 12 } })
console.log(peer.getSnapshot().context.counters.blocksReceived) // 12

peer.send({ type: 'disconnect' })
console.log([...atWork]) // []
console.log(peer.getSnapshot().output) // { linkId: '1', reason: 'closed' }

import { createActor, fromCallback } from 'xstate'
import { dialMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const said: string[] = []
const machine = dialMachine.provide({
  // Stands for what really dials: it hears `dial` and `drop`, and the story below tells what comes of it.
  actors: { dial: fromCallback(({ receive }) => receive(({ type }) => void said.push(type))) },
  actions: { report: (_, { problem }) => void said.push(`the person reads: ${problem?.message}`) },
})
const clock = createSimulatedClock()
const dial = createActor(machine, { clock, input: { dialId: '1', address: 'example.org:4281' } }).start()
const fail = () =>
  dial.send({
    type: 'dial.failed',
    problem: { code: 'ADDRESS_UNREACHABLE', message: 'Nobody there.' },
    chance: 0.99,
  })

// The first failure of an outage is told to the person, the others are not. Each wait may be twice as long as the last.
const waits: number[] = []
for (let attempt = 1; attempt <= 3; attempt++) {
  fail()
  waits.push(dial.getSnapshot().context.wait)
  clock.advance(dial.getSnapshot().context.wait)
}
console.log(waits) // [99, 198, 396]
console.log(said) // ['dial', 'the person reads: Nobody there.', 'dial', 'dial', 'dial']

// Offline, trying is of no use; with a network it is tried at once.
fail()
console.log(dial.getSnapshot().value) // 'waiting'
dial.send({ type: 'network.offline' })
console.log(dial.getSnapshot().value) // 'suspended'
dial.send({ type: 'network.online' })
dial.send({ type: 'dial.up' })
console.log(dial.getSnapshot().value) // 'connected'

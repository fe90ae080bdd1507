import { createActor, fromCallback } from 'xstate'
import { dialMachine, transportMachine } from '../../../src/machines/index.js'

const machine = transportMachine.provide({
  actors: {
    // A road with one address that it wants dialled.
    road: fromCallback(({ sendBack, receive }) =>
      receive(({ type }) => {
        if (type === 'stop') return sendBack({ type: 'transport.stopped' })
        sendBack({ type: 'dial.wanted', dial: { dialId: '1', address: 'example.org:4281' } })
        sendBack({ type: 'transport.started' })
      }),
    ),
    dial: dialMachine.provide({
      actors: { dial: fromCallback(({ sendBack }) => sendBack({ type: 'dial.up' })) },
    }),
  },
})
const transport = createActor(machine, { input: { id: 'tcp', name: 'tcp', on: false } }).start()
console.log(transport.getSnapshot().value) // 'stopped'

transport.send({ type: 'turnOn' })
console.log(transport.getSnapshot().value) // 'started'
const { dials } = transport.getSnapshot().context
console.log(Object.values(dials).map((dial) => dial.getSnapshot().value)) // ['connected']

transport.send({ type: 'turnOff' })
console.log(transport.getSnapshot().value) // 'stopped'
console.log(Object.keys(transport.getSnapshot().context.dials)) // []
transport.stop()

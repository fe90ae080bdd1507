import { createActor, fromCallback } from 'xstate'
import { transportMachine, transportsMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const problem = { code: 'TRANSPORT_UNAVAILABLE', message: 'This device has no WebRTC.' }
const road = fromCallback<{ type: string }, { transportId: string }>(({ input, sendBack, receive }) =>
  receive(({ type }) => {
    if (type !== 'start') return sendBack({ type: 'transport.stopped' })
    if (input.transportId === 'webRTC') return sendBack({ type: 'transport.failed', problem })
    // The slow one says nothing for as long as this story lasts.
    if (input.transportId !== 'slow') sendBack({ type: 'transport.started' })
  }),
)
const reports: string[] = []
const machine = transportsMachine.provide({
  actors: { network: fromCallback(() => {}), transport: transportMachine.provide({ actors: { road } }) },
  actions: { report: (_, { problem }) => void reports.push(problem?.message ?? '') },
})
const clock = createSimulatedClock()
const wish = (id: string, on = true) => ({ id, name: id, on })
const transports = createActor(machine, {
  clock,
  input: { transports: [wish('webSocket'), wish('webRTC'), wish('slow'), wish('tcp', false)] },
}).start()
const { refs } = transports.getSnapshot().context
const states = () => Object.entries(refs).map(([id, ref]) => `${id} ${ref.getSnapshot().value}`)

// What is missing on this device is reported, and the others do without. The slow one is waited for, but not for ever.
console.log(reports) // ['This device has no WebRTC.']
console.log(transports.getSnapshot().value) // 'opening'
clock.advance(15_000)
console.log(transports.getSnapshot().value) // 'open'
console.log(states()) // ['webSocket started', 'webRTC failed', 'slow starting', 'tcp stopped']

transports.send({ type: 'setTransport', id: 'tcp', on: true })
console.log(states().at(-1)) // 'tcp started'
transports.stop()

import { createActor, fromPromise } from 'xstate'
import { requestMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const sent: string[] = []
const send = (what: string) =>
  fromPromise<void, { requestId: string }>(async ({ input }) => void sent.push(`${what} ${input.requestId}`))

const machine = requestMachine.provide({
  actors: { sendRequest: send('ask'), repeatRequest: send('repeat'), sendCancel: send('take back') },
})
const clock = createSimulatedClock()
const request = createActor(machine, { clock, input: { requestId: '7f' } }).start()

await clock.settle()
console.log(request.getSnapshot().value) // { asking: { sending: 'waiting', lifetime: 'current', hearing: 'unheard' } }

// Nobody says that they show it: after half a minute the same question goes out again.
await clock.advanceAsync(30_000)
console.log(sent) // ['ask 7f', 'repeat 7f']

// Somebody shows it, so it is repeated no more; before its ten minutes are over it is asked anew under the same id.
request.send({ type: 'acknowledged', by: 'the laptop' })
await clock.advanceAsync(9 * 60_000)
console.log(sent) // ['ask 7f', 'repeat 7f', 'ask 7f']

// A yes is a hint. What counts is the database.
request.send({ type: 'approved', by: 'the laptop' })
console.log(request.getSnapshot().status) // 'active'
request.send({ type: 'authorised' })
console.log(request.getSnapshot().output) // { outcome: 'authorised' }

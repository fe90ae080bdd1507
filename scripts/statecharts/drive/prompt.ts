import { createActor, fromPromise } from 'xstate'
import { promptMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

let diskIsFull = true
const machine = promptMachine.provide({
  actors: {
    authorise: fromPromise(async () => {
      if (diskIsFull) throw new Error('No space is left.')
    }),
    decline: fromPromise(async () => {}),
  },
})
const clock = createSimulatedClock()
const question = {
  id: '7f',
  nodeName: 'Phone',
  writerKey: 'a1'.repeat(32),
  receivedAt: clock.now(),
  words: ['acid', 'badge', 'cabin', 'daily', 'eagle'],
  legacy: false,
}
const prompt = createActor(machine, { clock, input: question }).start()
console.log(prompt.getSnapshot().value) // 'pending'

// A yes that could not be written leaves the question on the screen, with the reason.
prompt.send({ type: 'authorise' })
await clock.settle()
const { value, context } = prompt.getSnapshot()
console.log([value, context.problem?.message]) // ['pending', 'No space is left.']

diskIsFull = false
prompt.send({ type: 'authorise' })
console.log(prompt.getSnapshot().value) // 'authorising'
await clock.settle()
console.log(prompt.getSnapshot().output) // { id: '7f', outcome: 'authorised' }

// Nobody answers another one, and nobody renews it: it gets too old.
const ignored = createActor(machine, { clock, input: question }).start()
clock.advance(12 * 60_000)
console.log(ignored.getSnapshot().value) // 'expired'

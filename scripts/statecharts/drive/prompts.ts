import { createActor, fromPromise } from 'xstate'
import { promptMachine, promptsMachine } from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const prompt = promptMachine.provide({
  actors: { authorise: fromPromise(async () => {}), decline: fromPromise(async () => {}) },
})
const clock = createSimulatedClock()
const prompts = createActor(promptsMachine.provide({ actors: { prompt } }), { clock }).start()
const shown = () => Object.keys(prompts.getSnapshot().context.prompts)
const ask = (id: string, writerKey: string) =>
  prompts.send({
    type: 'request.received',
    request: { id, nodeName: 'Phone', writerKey, receivedAt: clock.now(), words: [], legacy: false },
  })

// The same question twice is one prompt. Another device's question is another one.
ask('ask-1', 'phone')
ask('ask-1', 'phone')
ask('ask-2', 'tablet')
console.log(shown()) // ['ask-1', 'ask-2']

// A node that may not write keeps them and lets nobody answer.
console.log(prompts.getSnapshot().can({ type: 'authorise', id: 'ask-1' })) // false
prompts.send({ type: 'mayAnswer' })
prompts.send({ type: 'authorise', id: 'ask-1' })
await clock.settle()
console.log(shown()) // ['ask-2']

// Another device has let the tablet in: there is nothing left to ask.
prompts.send({ type: 'writer.authorised', writerKey: 'tablet' })
console.log(shown()) // []

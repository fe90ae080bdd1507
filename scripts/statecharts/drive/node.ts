import { createActor, fromCallback, fromPromise } from 'xstate'
import {
  nodeMachine,
  type OpenedHypha,
  requestMachine,
  transportsMachine,
} from '../../../src/machines/index.js'
import { createSimulatedClock } from '../../../src/testing/index.js'

const nothing = <Input>() => fromPromise<void, Input>(async () => {})
const silence = fromCallback<{ type: string }, undefined>(() => {})
const machine = nodeMachine.provide({
  actors: {
    deriveKeys: nothing(),
    openDatabase: fromPromise(async (): Promise<OpenedHypha> => ({ role: 'reader', hasChannel: true })),
    remember: nothing(),
    release: nothing(),
    database: silence,
    channel: silence,
    transports: transportsMachine.provide({ actors: { network: silence } }),
    request: requestMachine.provide({
      actors: { sendRequest: nothing(), repeatRequest: nothing(), sendCancel: nothing() },
    }),
  },
})
const clock = createSimulatedClock()
const input = { name: 'Phone', transports: [], recalls: false }
const node = createActor(machine, { clock, input }).start()
console.log(node.getSnapshot().value) // 'signedOut'

node.send({ type: 'signIn', domain: 'alice.example', requestId: '7f' })
console.log(node.getSnapshot().value) // { opening: 'derivingKeys' }
await clock.settle()
console.log(node.getSnapshot().value) // 'awaitingAuthorisation'

// What a person may do now: nobody reads flags, everybody asks the machine.
const may = (type: 'write' | 'cancelRequest') => node.getSnapshot().can({ type })
console.log([may('write'), may('cancelRequest')]) // [false, true]

node.send({ type: 'database.authorised' })
console.log([node.getSnapshot().value, may('write')]) // ['writer', true]

node.send({ type: 'close' })
await clock.settle()
console.log(node.getSnapshot().value) // { closed: 'released' }

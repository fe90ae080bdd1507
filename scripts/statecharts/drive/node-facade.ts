import { createMemoryNetwork, createNode, memoryTransport } from '../../../src/index.js'

const network = createMemoryNetwork()
const laptop = createNode({ name: 'Laptop', transports: [memoryTransport(network)] })
const phone = createNode({ name: 'Phone', transports: [memoryTransport(network)] })

const { passphrase } = await laptop.signUp({ domain: 'alice.example' })
console.log(laptop.state) // 'origin'

// Every node has its actor: look at it, subscribe to it, inspect it.
const states: unknown[] = []
phone.actor.subscribe(({ value }) => {
  if (typeof value === 'string' && value !== states.at(-1)) states.push(value)
})

laptop.on('authorisation-requested', ({ id, nodeName }) => {
  console.log(nodeName) // 'Phone'
  void laptop.authorise(id)
})
const authorised = new Promise((resolve) => phone.on('authorised', resolve))
await phone.signIn({ domain: 'alice.example', passphrase })
await authorised
console.log(states) // ['awaitingAuthorisation', 'writer']

await phone.put('notes/1', 'written on the phone')
await Promise.all([laptop.close(), phone.close()])
console.log(phone.state) // 'closed'

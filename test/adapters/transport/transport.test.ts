import { describe, test } from 'vitest'
import { transportContract } from '../../../src/testing/contracts/transport.js'
import { createMemoryPair, createTcpPair, createWebSocketPair } from './pairs.js'

const transports = { memory: createMemoryPair, tcp: createTcpPair, webSocket: createWebSocketPair }

for (const [name, createPair] of Object.entries(transports)) {
  describe(`the ${name} transport`, () => {
    for (const { name, run } of transportContract(createPair)) test(name, run)
  })
}

import { afterAll, beforeAll, describe, test } from 'vitest'
import { hyperswarmPart } from '../../../src/adapters/transport/hyperswarm-transport.js'
import { transportContract } from './contract.js'
import { openTestnet, type Testnet } from './testnet.js'

let net: Testnet
beforeAll(async () => {
  net = await openTestnet()
})
afterAll(() => net.destroy())

describe('who is found and who looks keep the contract', () => {
  const createPair = async () => ({
    listener: hyperswarmPart(net, { looks: false }),
    createDialler: () => hyperswarmPart(net, { isFound: false }),
  })
  for (const { name, run } of transportContract({ createPair })) test(name, run)
})

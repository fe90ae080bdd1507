import { describe, test } from 'vitest'
import { transportContract } from './contract.js'
import { createWebRTCPair } from './pairs.js'

describe('the webRTC transport', () => {
  for (const { name, run } of transportContract({ createPair: createWebRTCPair })) test(name, run)
})

import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { read, write } from './bytes.js'
import { storageContract } from './contract.js'

describe('memoryStorage', () => {
  for (const { name, run } of storageContract) {
    test(name, () => {
      const storage = memoryStorage()
      return run({ storage: () => storage, persists: false })
    })
  }

  test('another storage is another memory', async () => {
    await write(memoryStorage().file('a'), 0, 'x')
    await expect(read(memoryStorage().file('a'), 0, 1)).rejects.toThrow()
  })
})

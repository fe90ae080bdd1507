import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import { read, write } from '../../../src/testing/contracts/file-operations.js'
import { storageContract } from '../../../src/testing/contracts/storage.js'

describe('memoryStorage', () => {
  const createPlace = () => {
    const storage = memoryStorage()
    return { storage: () => storage }
  }
  for (const { name, run } of storageContract(createPlace, { persists: false })) test(name, run)

  test('another storage is another memory', async () => {
    await write(memoryStorage().file('a'), 0, 'x')
    await expect(read(memoryStorage().file('a'), 0, 1)).rejects.toThrow()
  })
})

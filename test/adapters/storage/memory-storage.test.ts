import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import type { RandomAccess } from '../../../src/adapters/storage/storage.js'

const write = (file: RandomAccess, offset: number, text: string) =>
  new Promise<void>((resolve, reject) =>
    file.write(offset, Buffer.from(text), (error) => (error ? reject(error) : resolve())),
  )
const read = (file: RandomAccess, offset: number, size: number) =>
  new Promise<string>((resolve, reject) =>
    file.read(offset, size, (error, bytes) => (error ? reject(error) : resolve(String(bytes)))),
  )

test('the same name gives the same bytes, over close and opening again', async () => {
  const storage = memoryStorage()
  const file = storage.file('a/b')
  await write(file, 3, 'hello')
  await new Promise<void>((resolve) => file.close(() => resolve()))
  await expect(read(file, 3, 5)).rejects.toThrow('closed')
  await expect(write(file, 3, 'x')).rejects.toThrow('closed')
  expect(await read(storage.file('a/b'), 3, 5)).toBe('hello')
  expect(await read(storage.file('a/b'), 0, 3)).toBe('\0\0\0')
  await expect(read(storage.file('a/c'), 0, 1)).rejects.toThrow()
  await expect(read(memoryStorage().file('a/b'), 3, 5)).rejects.toThrow()
})

test('a file may span many pages', async () => {
  const file = memoryStorage().file('big')
  const text = 'x'.repeat(100_000)
  await write(file, 50_000, text)
  expect(await read(file, 50_000, text.length)).toBe(text)
})

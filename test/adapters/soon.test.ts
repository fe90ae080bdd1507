import { afterEach, expect, it, vi } from 'vitest'
import { soon } from '../../src/adapters/soon.js'

afterEach(() => {
  vi.restoreAllMocks()
})

it('answers in the order of asking, never within the call, and before any timer', async () => {
  const heard: string[] = []
  const timer = new Promise<void>((resolve) => setTimeout(() => resolve(void heard.push('timer'))))
  const answered = new Promise<void>((resolve) => {
    soon((error, value) => heard.push(`${error} ${value}`), null, 1)
    soon(() => {
      heard.push('asks again')
      soon(() => heard.push('inner'), null)
      heard.push('asked')
    }, null)
    soon((error) => resolve(void heard.push(error?.message ?? '')), new Error('no such thing'))
  })
  soon(undefined, null)
  heard.push('now')
  await answered
  await timer
  expect(heard).toEqual(['now', 'null 1', 'asks again', 'asked', 'no such thing', 'inner', 'timer'])
})

it('lets a callback that throws stop no other, and loses no mistake', async () => {
  const mistakes: (() => void)[] = []
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => void mistakes.push(run))
  const after = new Promise<void>((resolve) => {
    soon(() => {
      throw new Error('a mistake')
    }, null)
    soon(() => resolve(), null)
  })
  await after
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toThrow('a mistake')
})

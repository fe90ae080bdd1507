import { expect, test, vi } from 'vitest'
import { holdersOfThisPage } from '../../../src/adapters/storage/holders.browser.js'

const node = (name: string, closed: string[]) => async () => {
  await undefined
  closed.push(name)
}

test('the node that a hot reload left behind is closed before the next one goes on', async () => {
  const closed: string[] = []
  const holders = holdersOfThisPage()
  const [first, second] = [node('first', closed), node('second', closed)]
  await holders.replace('alice', first)
  await holders.replace('bob', node('another name', closed))
  expect(closed).toEqual([])
  await holders.replace('alice', second)
  expect(closed).toEqual(['first'])
  // What is over by then takes nothing from the one that came after it.
  holders.leave('alice', first)
  await holders.replace('alice', node('third', closed))
  expect(closed).toEqual(['first', 'second'])
})

test('also when the runtime itself was loaded anew, and when several come in one moment', async () => {
  const closed: string[] = []
  await holdersOfThisPage().replace('carol', node('old', closed))
  vi.resetModules()
  const anew = await import('../../../src/adapters/storage/holders.browser.js')
  expect(anew.holdersOfThisPage).not.toBe(holdersOfThisPage)
  const holders = anew.holdersOfThisPage()
  await Promise.all(['a', 'b', 'c'].map((name) => holders.replace('carol', node(name, closed))))
  expect(closed.sort()).toEqual(['a', 'b', 'old'])
})

test('a node that opens again is not closed for itself, and a storage without a node closes nobody', async () => {
  const closed: string[] = []
  const holders = holdersOfThisPage()
  const own = node('own', closed)
  await holders.replace('dave', own)
  await holders.replace('dave', own)
  await holders.replace('dave', undefined)
  expect(closed).toEqual([])
  holders.leave('dave', own)
  await holders.replace('dave', node('next', closed))
  expect(closed).toEqual([])
})

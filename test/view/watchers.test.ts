import { describe, expect, it } from 'vitest'
import { createWatchers } from '../../src/view/watchers.js'

const createHeard = () => {
  const heard: string[] = []
  const errors: unknown[] = []
  const watchers = createWatchers<{ name: string }>({ onError: (error) => errors.push(error) })
  const hear = (who: string) => (change: { name: string }) => {
    heard.push(`${who} ${change.name}`)
  }
  const notify = (...names: string[]) => watchers.notify(names.map((name) => ({ name })))
  return { heard, errors, watchers, hear, notify }
}

describe('watchers', () => {
  it('hear of what begins with their prefix, the shortest prefix first', () => {
    const { heard, watchers, hear, notify } = createHeard()
    watchers.watch('notes/milk', hear('milk'))
    watchers.watch('', hear('all'))
    watchers.watch('notes/', hear('notes'))
    watchers.watch('notes/', hear('notes too'))
    notify('notes/milk', 'note')
    expect(heard).toEqual([
      'all notes/milk',
      'notes notes/milk',
      'notes too notes/milk',
      'milk notes/milk',
      'all note',
    ])
  })

  it('stop each for itself, even the same listener, and only once', () => {
    const { heard, watchers, hear, notify } = createHeard()
    const listener = hear('alice')
    const stop = watchers.watch('a', listener)
    watchers.watch('a', listener)
    stop()
    stop()
    notify('a')
    expect(heard).toEqual(['alice a'])
    watchers.clear()
    notify('a')
    expect(heard).toEqual(['alice a'])
  })

  it('may stop and begin in the middle of a notification', () => {
    const { heard, watchers, hear, notify } = createHeard()
    watchers.watch('', (change) => {
      stop()
      if (change.name === 'a') watchers.watch('', hear('new'))
    })
    const stop = watchers.watch('', hear('stopped'))
    notify('a', 'b')
    expect(heard).toEqual([])
    notify('c')
    expect(heard).toEqual(['new c'])
  })

  it('hear although another throws or rejects, which is reported', async () => {
    const { heard, errors, watchers, hear, notify } = createHeard()
    watchers.watch('', () => {
      throw new Error('thrown')
    })
    watchers.watch('', async () => {
      throw new Error('rejected')
    })
    watchers.watch('', hear('well'))
    notify('a', 'b')
    await Promise.resolve()
    expect(heard).toEqual(['well a', 'well b'])
    expect(errors.map(String).sort()).toEqual(
      ['Error: thrown', 'Error: thrown', 'Error: rejected', 'Error: rejected'].sort(),
    )
  })

  it('forget the lengths of prefixes that nobody watches', () => {
    const { heard, watchers, hear, notify } = createHeard()
    const stops = ['a', 'b', 'ab', 'abc'].map((prefix) => watchers.watch(prefix, hear(prefix)))
    stops[2]?.()
    stops[0]?.()
    notify('abcd', 'bcd')
    expect(heard).toEqual(['abc abcd', 'b bcd'])
  })
})

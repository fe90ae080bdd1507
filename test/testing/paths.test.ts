import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { pathsOf, runPath } from '../../src/testing/paths.js'

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { press: 'on' } },
    on: { on: { press: 'off', shake: [{ guard: () => false, target: 'broken' }, { target: 'off' }] } },
    broken: { on: { press: 'off' } },
  },
})

describe('walking paths', () => {
  const { paths, missed } = pathsOf(lamp, { events: [{ type: 'press' }, { type: 'shake' }] })

  it('tells which transitions no path takes', () => {
    expect(missed).toEqual(['on: shake #0 → broken', 'broken: press #0 → off'])
  })

  it('goes nowhere without somebody who makes the events happen', () => {
    const shaken = paths.find(({ steps }) => steps.some(({ event }) => event.type === 'shake'))
    expect(() => runPath(shaken!, { press: () => {} }, () => {})).toThrow('Nothing makes shake happen.')
  })
})

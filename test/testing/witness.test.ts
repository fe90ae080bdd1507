import { expect, it } from 'vitest'
import { createActor, createMachine, sendTo } from 'xstate'
import { createWitness, pathsOf, runPath } from '../../src/testing/index.js'

/** A kettle that boils by itself, and whistles now and then. */
const kettle = createMachine({
  id: 'kettle',
  initial: 'cold',
  on: { whistle: {} },
  states: {
    cold: { on: { heat: 'hot' } },
    hot: { after: { 10: 'boiling' }, on: { lift: 'cold' } },
    boiling: { on: { lift: 'cold' } },
  },
})
const kitchen = createMachine({
  id: 'kitchen',
  invoke: { id: 'kettle', src: kettle },
  on: { heat: { actions: sendTo('kettle', { type: 'heat' }) } },
})

const heat = 'cold: heat #0 → hot'
const boil = 'hot: xstate.after.10.kettle.hot #0 → boiling'

it('waits until an actor that is somewhere inside has taken what a path says', async () => {
  const witness = createWitness()
  const follower = witness.follow('kettle')
  const born = follower.keepUp([])
  const actor = createActor(kitchen, { inspect: witness.inspect }).start()
  await born
  actor.send({ type: 'heat' })
  expect(follower.keepUp([heat])).toBeUndefined()
  expect(follower.isAtRest()).toBe(true)
  await follower.keepUp([boil])
  expect(follower.actor?.getSnapshot().value).toBe('boiling')
})

it('lets pass what changes nothing, and minds what goes elsewhere', () => {
  const witness = createWitness()
  const actor = createActor(kettle, { inspect: witness.inspect }).start()
  const follower = witness.follow('kettle')
  actor.send({ type: 'whistle' })
  actor.send({ type: 'heat' })
  expect(follower.keepUp([heat])).toBeUndefined()
  actor.send({ type: 'lift' })
  expect(follower.isAtRest()).toBe(false)
  expect(() => follower.keepUp([boil])).toThrow(`It took “hot: lift #0 → cold” instead of “${boil}”.`)
})

it('follows the one that was born last, or the one of an id', () => {
  const witness = createWitness()
  const [first, second] = ['first', 'second'].map((id) =>
    createActor(kettle, { id, inspect: witness.inspect }).start(),
  )
  expect(witness.follow('kettle', 'first').keepUp([])).toBeUndefined()
  const last = witness.follow('kettle')
  first?.send({ type: 'heat' })
  second?.send({ type: 'whistle' })
  expect(last.keepUp(['kettle: whistle #0 → stays'])).toBeUndefined()
  expect(last.actor).toBe(second)
})

it('has a step fail that takes too long', async () => {
  const [path] = pathsOf(kettle, { events: [{ type: 'heat' }] }).paths
  if (!path) throw new Error('There is no path.')
  const running = runPath(path, { heat: () => new Promise(() => {}) }, () => {}, { patience: 20 })
  await expect(running).rejects.toThrow('failed at step 1: It took more than 20 ms.')
})

import { expect, it } from 'vitest'
import { run } from '../../examples/model-based/run.js'

it('the web app goes every way that the node machine knows for a person with a browser', async () => {
  const steps: string[] = []
  const { paths, covered } = await run((line) => steps.push(line))
  expect(paths.length).toBeGreaterThan(3)
  // A page that was loaded again is where it was, in every state in which a person can rest.
  expect(steps.filter((line) => line.includes('loaded again')).length).toBeGreaterThan(3)
  for (const name of [
    'signedOut: signUp #0 → opening',
    'opening.derivingKeys: xstate.error.actor.deriveKeys #0 → signedOut',
    'opening.recalling: xstate.done.actor.recall #0 → opening.openingDatabase',
    'awaitingAuthorisation: xstate.done.actor.request #0 → writer',
    'awaitingAuthorisation: xstate.done.actor.request #1 → readOnly',
    'writer: decline #0 → stays',
  ])
    expect(covered.find(({ machine }) => machine === 'node')?.taken).toContain(name)
  // What the paths brought about in other machines shows, too: nobody wrote a path for these.
  for (const [machine, least] of [
    ['request', 8],
    ['prompt', 6],
    ['peer', 3],
    ['dial', 3],
  ] as const)
    expect(covered.find((each) => each.machine === machine)?.taken.length, machine).toBeGreaterThanOrEqual(
      least,
    )
}, 300_000)

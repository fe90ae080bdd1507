import { afterEach, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { type Clock, createNode, type HyphaError, type HyphaNode, webSocket } from '../../src/index.js'
import { next, reached, until } from './until.js'

const ends: Array<() => Promise<void>> = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})
const DOMAIN = 'alice.example'
const MINUTE = 60_000

/** The real clock, set wrong. */
const off = (ms: number): Clock => ({
  now: () => Date.now() + ms,
  setTimeout: (run, delay) => setTimeout(run, delay),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
})

const told = (node: HyphaNode): HyphaError[] => {
  const errors: HyphaError[] = []
  node.on('error', (error) => errors.push(error))
  return errors
}

it.each([
  { name: 'the asker’s is ahead', asker: 5 * MINUTE, approver: 0 },
  { name: 'the asker’s is days behind', asker: -3 * 24 * 60 * MINUTE, approver: 0 },
  { name: 'the approver’s is ahead', asker: 0, approver: 11 * MINUTE },
  { name: 'the approver’s is behind', asker: 0, approver: -11 * MINUTE },
])('clocks differ, $name: the question is shown, answered, messages are heard, and both persons learn of it', async ({
  asker,
  approver,
}) => {
  const host = await createAlwaysOnNode({ port: 0 })
  ends.push(() => host.close())
  const device = (name: string, ms: number) => {
    const node = createNode({ name, clock: off(ms), transports: [webSocket(host.url)] })
    ends.push(() => node.close())
    return node
  }
  const laptop = device('Alice’s laptop', approver)
  const phone = device('Alice’s phone', asker)
  const [errors, others] = [told(laptop), told(phone)]
  const { passphrase } = await laptop.signUp({ domain: DOMAIN })
  const asked = next(laptop, 'authorisation-requested')
  await phone.signIn({ domain: DOMAIN, passphrase })
  const { id } = await asked
  await laptop.authorise(id)
  await reached(phone, 'writer')

  const heard = [next(laptop, 'message'), next(phone, 'message')]
  phone.broadcast('from the phone')
  laptop.broadcast('from the laptop')
  expect((await Promise.all(heard)).map(({ message }) => message)).toEqual([
    'from the phone',
    'from the laptop',
  ])
  await until(laptop, () => laptop.nodes().some(({ isSelf, presence }) => !isSelf && presence.here))
  await until(phone, () => phone.nodes().some(({ isSelf, presence }) => !isSelf && presence.here))

  const wrong = (list: HyphaError[]) => list.filter(({ code }) => code === 'CLOCK_WRONG')
  expect(wrong(errors)).toHaveLength(1)
  expect(wrong(others)).toHaveLength(1)
  const far = asker - approver
  // The answer was under way for a moment.
  expect(Math.abs((wrong(errors)[0]?.offsetMs ?? 0) - far)).toBeLessThan(MINUTE)
  expect(Math.abs((wrong(others)[0]?.offsetMs ?? 0) + far)).toBeLessThan(MINUTE)
  expect(wrong(errors)[0]?.message).toMatch(
    far > 0 ? /is .* behind that of “Alice’s phone”/ : /is .* ahead of that of “Alice’s phone”/,
  )
  expect(errors.concat(others).filter(({ code }) => code !== 'CLOCK_WRONG')).toEqual([])
})

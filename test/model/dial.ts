import { expect } from 'vitest'
import type { Dialling } from '../../src/index.js'
import {
  type DialContext,
  dialMachine,
  FIRST_MINUTE_MS,
  SETTLED_MS,
  STABLE_MS,
} from '../../src/machines/index.js'
import { type Path, pathsOf } from '../../src/testing/index.js'
import { createRoad, createTarget } from './road.js'
import { createStage, errorsOf, follow, newHyphalink } from './stage.js'

const problem = { code: 'ADDRESS_UNREACHABLE', message: 'Nobody answers.' }

const events = [
  { type: 'dial.up' },
  { type: 'dial.lost', chance: 0.5 },
  { type: 'dial.failed', problem, chance: 0.5 },
  { type: 'outage.long' },
  { type: 'network.online' },
  { type: 'network.offline' },
  { type: 'page.hidden' },
  { type: 'page.visible' },
  { type: 'retry' },
  { type: 'stop' },
  { type: 'xstate.after.settled.dial.connected' },
  { type: 'xstate.after.stable.dial.connected' },
  { type: 'xstate.after.wait.dial.waiting' },
]

/** An address of this device itself, and one elsewhere: each is walked. */
export const dialPaths = [false, true].map((isLocal) => ({
  isLocal,
  ...pathsOf(dialMachine, {
    input: { dialId: '1', address: 'elsewhere:1', isLocal },
    events,
    remember: ({ isOnline, isHidden, isLong, isOut, problem: why }: DialContext) => [
      isOnline,
      isHidden,
      isLong,
      isOut,
      why !== undefined,
    ],
    world: {
      start: { isSettled: false },
      // A minute passes only where nothing happens before it is over; and who is up for a minute was for five seconds.
      allows: ({ isSettled }, { type }, { value }) =>
        type === 'outage.long'
          ? value === 'dialling' || value === 'suspended'
          : type.includes('.stable.')
            ? isSettled
            : !type.includes('.settled.') || !isSettled,
      after: ({ isSettled }, { type }, { value }) => ({
        isSettled: value === 'connected' && (isSettled || type.includes('.settled.')),
      }),
    },
    as: 'tours',
  }),
}))

/** A node with one road, which wants one address. The façade shows what becomes of it. */
export const walkDial = async (path: Path, isLocal: boolean): Promise<void> => {
  const stage = createStage()
  const road = createRoad()
  const node = stage.subject({ transports: [road.transport] })
  const errors = errorsOf(node)
  await node.open({ hyphalink: newHyphalink() })
  const address = createTarget({ address: 'elsewhere:1', isLocal })
  const dialling: Dialling = road.dial(address.target)
  const { page, time } = stage
  let reported = 0
  let outage = time.now()
  try {
    await follow(
      path,
      stage.witness.follow('dial'),
      {
        'dial.up': address.up,
        'dial.lost': address.lose,
        'dial.failed': address.fail,
        'outage.long': () => time.advance(outage + FIRST_MINUTE_MS - time.now()),
        'network.online': () => page.tell('online'),
        'network.offline': () => page.tell('offline'),
        'page.hidden': () => page.tell('hidden'),
        'page.visible': () => page.tell('visible'),
        retry: dialling.retry,
        stop: () => void dialling.stop(),
        'xstate.after.settled.dial.connected': () => time.advance(SETTLED_MS),
        'xstate.after.stable.dial.connected': () => time.advance(STABLE_MS - SETTLED_MS),
        'xstate.after.wait.dial.waiting': stage.toNextTimer,
      },
      ({ value, context, status }, step) => {
        if (step?.takes.includes('connected: dial.lost #0 → waiting')) outage = time.now()
        if (step?.takes.includes('dialling: dial.failed #0 → waiting')) reported++
        const [shown] = node.transports()
        expect(shown?.addresses).toEqual(
          status === 'active' ? [{ address: 'elsewhere:1', state: value }] : [],
        )
        expect(shown?.state).toBe(status === 'active' ? value : 'listening')
        expect(shown?.problem?.code).toBe(status === 'active' ? context.problem?.code : undefined)
        // A person hears of an outage once.
        expect(errors.map(({ code }) => code)).toEqual(Array(reported).fill('ADDRESS_UNREACHABLE'))
        expect(node.state).toBe('readOnly')
      },
    )
  } finally {
    await stage.close()
  }
}

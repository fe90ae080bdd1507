import { expect } from 'vitest'
import { HyphaError } from '../../src/index.js'
import { OPENING_LIMIT_MS, type TransportsContext, transportsMachine } from '../../src/machines/index.js'
import { type AnyEvent, type Path, pathsOf } from '../../src/testing/index.js'
import { createRoad, type Road } from './road.js'
import { createStage, errorsOf, follow, newHyphalink } from './stage.js'

const IDS = ['first', 'second']
const link = { linkId: '1', transport: 'first', direction: 'incoming', address: 'elsewhere:1' }

/** What a transport says of itself: whether it has started, or why it could not. */
const news = (id: string, value: string, code?: string): AnyEvent => ({
  type: `xstate.snapshot.transport:${id}`,
  snapshot: { value, context: { on: true, ...(code && { problem: { code, message: 'It could not.' } }) } },
})

const events: AnyEvent[] = [
  ...IDS.flatMap((id) => [
    news(id, 'started'),
    news(id, 'failed', 'TRANSPORT_UNAVAILABLE'),
    news(id, 'failed', 'LISTEN_FAILED'),
  ]),
  { type: 'setTransport', id: 'first', on: false },
  { type: 'setTransport', id: 'first', on: true },
  { type: 'connection', link },
  { type: 'network.online' },
  { type: 'network.offline' },
  { type: 'page.hidden' },
  { type: 'page.visible' },
  { type: 'xstate.error.actor.transport:second', actorId: 'transport:second', error: new Error('It broke.') },
  { type: 'xstate.after.openingLimit.transports.opening' },
]

export const transportsPaths = pathsOf(transportsMachine, {
  input: { transports: IDS.map((id) => ({ id, name: id, on: true })) },
  events,
  remember: ({ unsettled, refs }: TransportsContext) => [unsettled, Object.keys(refs)],
  world: {
    // A road says once whether it could be opened. One that is turned off and on again opens as it did.
    start: { told: [] as readonly string[], on: true },
    allows: ({ told, on }, event, { value, context }) => {
      const [, id = ''] = /^xstate.snapshot.transport:(.*)$/.exec(event.type) ?? []
      // What comes after that the node has closed.
      if (value === 'refused') return false
      if (id) return context.refs[id] !== undefined && !told.includes(id) && (on || id !== 'first')
      if (event.type === 'setTransport') return event.on !== on && told.includes('first')
      return event.type !== 'connection' || (on && context.refs.first !== undefined)
    },
    after: ({ told, on }, event) => {
      const [, id = ''] = /^xstate.snapshot.transport:(.*)$/.exec(event.type) ?? []
      return {
        told: id ? [...told, id].sort() : told,
        on: event.type === 'setTransport' ? event.on === true : on,
      }
    },
  },
  as: 'tours',
})

/** A node with two roads: they are opened, told of, refused, and turned off and on. */
export const walkTransports = async (path: Path): Promise<void> => {
  const stage = createStage()
  const roads = new Map<string, Road>(IDS.map((id) => [id, createRoad(id)]))
  const roadOf = (id: unknown): Road => roads.get(String(id)) ?? createRoad()
  for (const road of roads.values()) road.starting.hold()
  const node = stage.subject({ transports: [...roads.values()].map(({ transport }) => transport) })
  const errors = errorsOf(node)
  const opening = node.open({ hyphalink: newHyphalink() }).catch((error: HyphaError) => error.code)
  const { page } = stage
  const open = (id: string) => (event: AnyEvent) => {
    const { context } = event.snapshot as { context: { problem?: { code: 'LISTEN_FAILED' } } }
    const road = roadOf(id)
    const { problem } = context
    road.starting.let(problem && new HyphaError(problem.code, 'It could not.'))
    // Turned on again it opens at once.
    road.starting.free()
  }
  const wishes = new Map(IDS.map((id) => [id, true]))
  try {
    await follow(
      path,
      stage.witness.follow('transports'),
      {
        'xstate.snapshot.transport:first': open('first'),
        'xstate.snapshot.transport:second': open('second'),
        setTransport: async ({ id, on }) => {
          wishes.set(String(id), on === true)
          await node.setTransport(String(id), on === true)
        },
        connection: () => void roadOf('first').link(),
        'network.online': () => page.tell('online'),
        'network.offline': () => page.tell('offline'),
        'page.hidden': () => page.tell('hidden'),
        'page.visible': () => page.tell('visible'),
        // An inspector that is badly written brings down the machine that it looks at, and nothing else.
        'xstate.error.actor.transport:second': () => {
          const inspection = stage.inspecting(node, (event) => {
            if (stage.isOf(event, '@xstate.microstep', 'transport:second')) throw new Error('It broke.')
          })
          page.tell('online')
          inspection.unsubscribe()
        },
        'xstate.after.openingLimit.transports.opening': () => stage.time.advance(OPENING_LIMIT_MS),
      },
      ({ value, context }) => {
        const isOpening = value === 'opening'
        const [first, second] = node.transports()
        expect(first?.on).toBe(wishes.get('first'))
        expect(second?.on).toBe(true)
        if (value === 'refused') return
        if (isOpening) expect(node.state).toBe('opening')
        for (const [id, shown] of [['first', first] as const, ['second', second] as const]) {
          if (!context.refs[id]) expect(shown?.state).toBe('stopped')
          if (context.unsettled.includes(id)) expect(shown?.state).toBe('starting')
        }
      },
    )
    const { value } = path.steps[path.steps.length - 1]?.expected ?? path.start
    if (value === 'refused') {
      expect(await opening).toBe('LISTEN_FAILED')
      expect(node.state).toBe('failed')
    } else if (value === 'open') {
      expect(await opening).toBeUndefined()
      expect(node.state).toBe('readOnly')
    }
    const unavailable = path.steps.filter(({ takes }) =>
      takes.includes('opening: xstate.snapshot.* #1 → stays'),
    )
    expect(errors.filter(({ code }) => code === 'TRANSPORT_UNAVAILABLE').length).toBe(unavailable.length)
  } finally {
    for (const road of roads.values()) road.starting.free()
    await opening
    await stage.close()
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkEvent } from '../../inspector/src/lib/check.js'
import { createDesk } from '../../inspector/src/lib/desk.js'
import { createSelection, passes, wordsIn } from '../../inspector/src/lib/filter.js'
import { leafStates, stateInWords, statePaths } from '../../inspector/src/lib/picture.js'
import { createPlotAll } from '../../inspector/src/lib/plot.js'
import { createRequests } from '../../inspector/src/lib/requests.js'
import { tellStory } from '../../inspector/src/lib/story.js'
import { treeOf } from '../../inspector/src/lib/tree.js'
import { clean, itemInWords, KINDS } from '../../inspector/src/lib/words.js'
import { atOnce } from './made.js'

const base = { rootId: 'r', sessionId: 's', createdAt: '1', id: '1', _version: '1' }

const names = fc.constantFrom(
  'r',
  's',
  'prompt:1',
  '__proto__',
  'constructor',
  '',
  'request',
  'x'.repeat(300),
)
const anything = fc.oneof(names, fc.jsonValue())
const event = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom('@xstate.actor', '@xstate.event', '@xstate.snapshot', 'hypha.death', 'hypha.message'),
      anything,
    ),
    rootId: fc.constant('r'),
    sessionId: names,
    createdAt: fc.oneof(fc.constantFrom('1', '2.5', 'NaN', 'Infinity', '-1'), anything),
    id: fc.oneof(names, fc.nat().map(String)),
    name: anything,
    source: anything,
    parentId: anything,
    sourceId: anything,
    definition: anything,
    event: fc.oneof(
      fc.record({ type: anything, id: anything, request: anything, requestId: anything }),
      anything,
    ),
    snapshot: fc.oneof(
      fc.record({ status: anything, value: anything, context: anything, output: anything }),
      anything,
    ),
    transitions: fc.oneof(
      fc.array(fc.record({ source: anything, event: anything, index: anything, targets: anything })),
      anything,
    ),
    what: fc.oneof(fc.constantFrom('sent', 'received', 'relayed'), anything),
    frame: anything,
    kind: anything,
    request: anything,
    bytes: anything,
    links: anything,
  },
  { requiredKeys: [] },
)

describe('what a file or a socket brings', () => {
  it.each([
    null,
    [],
    'text',
    {},
    { ...base, type: '@xstate.unheard-of' },
    { ...base, type: '@xstate.event' },
    { ...base, type: '@xstate.event', event: { type: 7 } },
    { ...base, type: 'hypha.message', what: 'stolen', frame: 'f' },
    { ...base, type: 'hypha.message', what: 'sent' },
    { ...base, type: 'hypha.death', sessionId: 3 },
  ])('is no event: %j', (given) => {
    expect(checkEvent(given)).toBeUndefined()
  })

  it('is taken as far as it makes sense', () => {
    expect(checkEvent({ ...base, type: '@xstate.actor', name: 7, snapshot: { status: 'strange' } })).toEqual({
      ...base,
      type: '@xstate.actor',
      name: 's',
      source: '',
      parentId: undefined,
      definition: undefined,
      snapshot: { status: 'active' },
    })
    const transitions = [{ source: 'a', event: 'b', index: 0, targets: ['c', 4] }, { source: 1 }, null]
    expect(
      checkEvent({ ...base, type: '@xstate.snapshot', event: { type: 'x' }, transitions }),
    ).toMatchObject({
      transitions: [{ source: 'a', event: 'b', index: 0, targets: ['c'] }],
    })
  })

  it('breaks no part of the page, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const desk = createDesk(atOnce)
        desk.put({ node: { rootId: 'r', name: 'n', kind: 'node' }, before: [], events: [], dropped: 0 })
        desk.append('r', events)
        const requests = createRequests(desk)
        for (const request of requests.all()) tellStory(request)
        createPlotAll(desk, new Set(['request', 'prompt'])).get()
        const filter = { kinds: new Set(KINDS), words: wordsIn('x 1'), hidden: new Set<string>() }
        createSelection(desk, (item) => passes(filter, item) || undefined).get()
        for (const item of desk.order) itemInWords(item)
        for (let moment = 0; moment <= desk.order.length; moment++) {
          desk.moment.set(moment)
          for (const track of desk.tracks) {
            const picture = desk.pictureOf(track)
            treeOf(picture, { ended: true, closed: new Set() })
            for (const { snapshot } of picture.values()) stateInWords(snapshot)
          }
        }
        desk.recordings()
      }),
      { numRuns: 300 },
    )
  })

  it('may be its own parent, and the tree still ends', () => {
    const desk = createDesk(atOnce)
    const born = (sessionId: string, parentId: string) => ({
      ...base,
      type: '@xstate.actor',
      sessionId,
      parentId,
    })
    desk.put({ node: { rootId: 'r', name: 'n', kind: 'node' }, before: [], events: [], dropped: 0 })
    desk.append('r', [born('a', 'b'), born('b', 'a'), born('c', 'c')])
    const rows = treeOf(desk.pictureOf(desk.tracks[0]!), { ended: true, closed: new Set() })
    expect(rows.length).toBeLessThan(50)
  })
})

describe('states in words', () => {
  it('are the innermost, and of parallel ones all', () => {
    const value = { asking: { sending: 'waiting', lifetime: 'current', hearing: 'unheard' } }
    expect(leafStates(value)).toEqual([
      'asking.sending.waiting',
      'asking.lifetime.current',
      'asking.hearing.unheard',
    ])
    expect(statePaths(value)).toContain('asking.sending')
    expect(stateInWords({ status: 'active', value })).toBe('asking · waiting · current · unheard')
    expect(stateInWords({ status: 'active', value: { opening: 'derivingKeys' } })).toBe(
      'opening.derivingKeys',
    )
    expect(stateInWords({ status: 'done' })).toBe('done')
  })

  it('of names nothing is left that turns a line around', () => {
    expect(clean('a\u202Eb\u0007c\u200B\u2028d')).toBe('abcd')
  })
})

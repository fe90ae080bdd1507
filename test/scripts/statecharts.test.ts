import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import DOMPurify from 'dompurify'
import mermaid from 'mermaid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { drawDiagram } from '../../scripts/statecharts/diagram.js'
import { writePage } from '../../scripts/statecharts/page.js'
import { createPages, findStale, writePages } from '../../scripts/statecharts/pages.js'
import { readChart } from '../../scripts/statecharts/read.js'
import { kettleMachine, mutteringMachine } from './machine.js'

// Without a page there is no DOM to clean labels by, and Mermaid's parser only passes them through it.
Object.assign(DOMPurify, { addHook: () => {}, sanitize: (label: string) => label })

const chart = readChart(kettleMachine)
const at = (path: string) => chart.states.find((state) => state.path === path)

describe('reading a machine', () => {
  it('finds the states in the order of their definition', () => {
    expect(chart.states.map(({ path, type }) => `${path} ${type}`)).toEqual([
      ' compound',
      'cold atomic',
      'heating compound',
      'heating.warming atomic',
      'heating.singing atomic',
      'hot parallel',
      'hot.lamp compound',
      'hot.lamp.lit atomic',
      'hot.lamp.out final',
      'hot.lid compound',
      'hot.lid.shut atomic',
      'hot.lid.open final',
      'end final',
    ])
    expect(at('heating')).toMatchObject({
      parent: '',
      initial: 'heating.warming',
      entry: ['click'],
      exit: ['click', 'assign'],
    })
    // XState's own timers are no action of the machine.
    expect(at('hot')).toMatchObject({ entry: [], exit: [] })
  })

  it('finds guarded branches, timers, ends of actors and of states', () => {
    expect(at('cold')?.transitions).toMatchObject([
      { event: { kind: 'event', name: 'on' }, guard: '(hasWater and not isHot)', targets: ['heating'] },
      { event: { kind: 'event', name: 'on' }, guard: undefined, targets: [], actions: ['beep'] },
    ])
    expect(at('heating')?.transitions).toMatchObject([
      { event: { name: 'fill' }, targets: ['heating.warming'] },
      { event: { name: 'off' }, targets: ['cold'] },
      { event: { kind: 'done', actor: 'heat' }, targets: ['hot'] },
      { event: { kind: 'error', actor: 'heat' }, targets: ['cold'], actions: ['beep', 'click'] },
    ])
    expect(at('heating.warming')?.transitions.map(({ event }) => event)).toEqual([
      { kind: 'after', delay: '1500 ms' },
      { kind: 'after', delay: 'patience' },
    ])
    expect(at('hot')?.transitions.map(({ event }) => event)).toEqual([
      { kind: 'finished' },
      { kind: 'after', delay: 'cooling (90 s)' },
    ])
    expect(at('hot.lamp.lit')?.transitions).toMatchObject([{ event: { kind: 'always' }, guard: 'isHot' }])
    expect(chart.actors).toEqual([
      { name: 'heat', invokedBy: ['heating'] },
      { name: 'steam', invokedBy: [] },
    ])
  })
})

describe('a diagram', () => {
  it('is one that Mermaid takes', async () => {
    await expect(mermaid.parse(drawDiagram(chart))).resolves.toMatchObject({ diagramType: 'stateDiagram' })
    await expect(mermaid.parse('stateDiagram-v2\n  a -> -> b')).rejects.toThrow()
  })

  it('has every state, and every transition that leaves one, without what Mermaid cannot draw', () => {
    const diagram = drawDiagram(chart)
    expect(diagram).toMatchInlineSnapshot(`
      "stateDiagram-v2
        state "cold" as s_cold
        state "heating" as s_heating {
          state "warming" as s_heating__warming
          state "singing" as s_heating__singing
          [*] --> s_heating__warming
          state "anywhere in heating" as anywhere_s_heating
          anywhere_s_heating --> s_heating__warming : fill [is a|b]
          s_heating__warming --> s_heating__singing : after 1500 ms, after patience
          s_heating__singing --> s_heating__warming : fill
        }
        state "hot (all of these at once)" as s_hot {
          state "lamp" as s_hot__lamp {
            state "lit" as s_hot__lamp__lit
            state "out" as s_hot__lamp__out
            [*] --> s_hot__lamp__lit
            s_hot__lamp__lit --> s_hot__lamp__out : always [isHot]
            s_hot__lamp__out --> [*]
          }
          state "lid" as s_hot__lid {
            state "shut" as s_hot__lid__shut
            state "open" as s_hot__lid__open
            [*] --> s_hot__lid__shut
            s_hot__lid__shut --> s_hot__lid__open : lift
            s_hot__lid__open --> [*]
          }
        }
        state "end" as s_end
        [*] --> s_cold
        state "anywhere in kettle" as anywhere_s_
        anywhere_s_ --> s_end : end
        s_cold --> s_heating : on [(hasWater and not isHot)]
        s_heating --> s_cold : off, error of heat
        s_heating --> s_hot : done of heat
        s_hot --> s_end : done inside
        s_hot --> s_cold : after cooling (90 s)
        s_end --> [*]
      "
    `)
    expect(diagram).not.toMatch(/^\s*--\s*$/m)
  })

  it('survives names that mean something to Mermaid', async () => {
    const odd = createMachine({
      id: 'odd',
      initial: 'end',
      states: {
        end: { on: { 'a: b; "c" #d {e}': 'state' } },
        state: { on: { '*': 'with space' } },
        'with space': {},
      },
    })
    await expect(mermaid.parse(drawDiagram(readChart(odd)))).resolves.toBeTruthy()
  })
})

describe('a page', () => {
  it('tells of states, transitions and actors in tables whose cells hold', () => {
    const page = writePage(chart)
    expect(page).toBe(writePage(readChart(kettleMachine)))
    expect(page).toContain(
      '| `heating` | The water is being heated, whatever \\| it takes. | `click` | `click`, `assign` |',
    )
    expect(page).toContain('| `end` (final) | Nobody wants tea: &lt;b>over&lt;/b>. |')
    expect(page).toContain('| `kettle` (anywhere) | `end` |  | `end` | `click` |')
    expect(page).toContain('| `heating` | `fill` | `is a\\|b` | `heating.warming` |  |')
    expect(page).toContain('| `hot` | `after cooling (90 s)` |  | `cold` |  |')
    expect(page).toContain('| `steam` | an action, when it is spawned |')
  })

  it('is refused for a machine with a state that nobody has described', () => {
    expect(() => createPages({ mutteringMachine })).toThrow(
      'The state a.b of the machine muttering has no description. Give it a sentence that a person understands.',
    )
  })
})

describe('the folder of pages', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'statecharts-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const pages = createPages({ kettleMachine, again: kettleMachine, limit: 5 })

  it('is written once, and then is as it should be', async () => {
    expect(await findStale(pages, directory)).toEqual(['README.md', 'kettle.md'])
    expect(await writePages(pages, directory)).toEqual(['README.md', 'kettle.md'])
    expect(await writePages(pages, directory)).toEqual([])
  })

  it('tells which page was edited, and which is of a machine that is gone', async () => {
    await writePages(pages, directory)
    await writeFile(join(directory, 'kettle.md'), 'better')
    await writeFile(join(directory, 'old.md'), writePage(chart))
    await writeFile(join(directory, 'mine.md'), 'written by hand')
    expect(await findStale(pages, directory)).toEqual(['kettle.md', 'old.md'])
    await writePages(pages, directory)
    expect((await readdir(directory)).sort()).toEqual(['README.md', 'kettle.md', 'mine.md'])
  })

  it('refuses two machines of one name', () => {
    const other = createMachine({ id: 'kettle', description: 'Another.' })
    expect(() => createPages({ kettleMachine, other })).toThrow('"kettle"')
  })
})

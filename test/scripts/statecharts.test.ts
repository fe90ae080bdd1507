import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine, StateMachine } from 'xstate'
import { readArrows, type Step, wrapLabels, wrapLoop } from '../../scripts/statecharts/arrows.js'
import { writePage } from '../../scripts/statecharts/page.js'
import { createPages, findStale, writePages } from '../../scripts/statecharts/pages.js'
import { drawPicture } from '../../scripts/statecharts/picture.js'
import { type Chart, type ChartTransition, readChart } from '../../scripts/statecharts/read.js'
import { readSystem } from '../../scripts/statecharts/system.js'
import { transitionKey } from '../../scripts/statecharts/transition-key.js'
import * as machines from '../../src/machines/index.js'
import { kettleBook, kettleChapter, kettleMachine, mutteringMachine } from './machine.js'

const chart = readChart(kettleMachine)
const keyOf = ({ source, descriptor, index }: ChartTransition) =>
  transitionKey({ source, event: descriptor, index })
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

/** What is written in a picture, without what is for layout. */
const textsOf = (svg: string) =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text.replace(/&#160;/g, '').trim())

const labelsOf = (steps: readonly Step[]) => steps.map(({ label }) => label).join(', ')

/** The values of an attribute in a picture, as a reader of XML has them. */
const attributesOf = (svg: string, name: string) =>
  [...svg.matchAll(new RegExp(`<g class="[^"]*" ${name}="([^"]*)"`, 'g'))].map(([, text = '']) =>
    text
      .replace(/&quot;/g, '"')
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&'),
  )

describe('the arrows of a chart', () => {
  it('lead along every transition that leaves a state, those between the same two as one', () => {
    const { arrows, crowds } = readArrows(chart)
    expect(
      arrows.map(
        ({ anywhere, from, to, steps }) =>
          `${anywhere ? 'anywhere in ' : ''}${from || 'kettle'} -> ${to}: ${labelsOf(steps)}`,
      ),
    ).toEqual([
      'anywhere in kettle -> end: end',
      'cold -> heating: on [(hasWater and not isHot)]',
      'anywhere in heating -> heating.warming: fill [is a|b]',
      'heating -> cold: off, error of heat',
      'heating -> hot: done of heat',
      'heating.warming -> heating.singing: after 1500 ms, after patience',
      'heating.singing -> heating.warming: fill',
      'hot -> end: done inside',
      'hot -> cold: after cooling (90 s)',
      'hot.lamp.lit -> hot.lamp.out: always [isHot]',
      'hot.lid.shut -> hot.lid.open: lift',
    ])
    expect(crowds).toEqual([])
  })

  it('are one where many states are left for the same by the same event', () => {
    const on = { close: 'shut', next: 'b' }
    const wordy = createMachine({
      id: 'wordy',
      initial: 'a',
      states: { a: { on }, b: { on }, c: { on }, d: { on: { close: 'shut' } }, shut: { on: { open: 'a' } } },
    })
    const { arrows, crowds } = readArrows(readChart(wordy))
    expect(crowds).toEqual([
      {
        title: 'any of these',
        lines: ['a', 'b', 'c', 'd'],
        to: 'shut',
        label: 'close',
        keys: ['a|close|0', 'b|close|0', 'c|close|0', 'd|close|0'],
      },
    ])
    expect(arrows.map(({ from, to, steps }) => `${from} -> ${to}: ${labelsOf(steps)}`)).toEqual([
      'a -> b: next',
      'b -> b: next',
      'c -> b: next',
      'shut -> a: open',
    ])
  })

  it('are one where many ways lead out of one state to the same, each by its own event', async () => {
    const risky = createMachine({
      id: 'risky',
      initial: 'work',
      states: {
        work: {
          initial: 'a',
          states: {
            a: { on: { tear: '#risky.broken', next: 'b' } },
            b: { on: { burn: '#risky.broken', next: 'c' } },
            c: { on: { drop: '#risky.broken', next: 'd' } },
            d: { on: { drown: '#risky.broken' } },
          },
        },
        broken: {},
      },
    })
    const { arrows, crowds } = readArrows(readChart(risky))
    expect(crowds).toEqual([
      {
        title: 'out of work',
        to: 'broken',
        label: undefined,
        lines: ['a: tear', 'b: burn', 'c: drop', 'd: drown'],
        keys: ['work.a|tear|0', 'work.b|burn|0', 'work.c|drop|0', 'work.d|drown|0'],
      },
    ])
    expect(arrows.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'work.a -> work.b',
      'work.b -> work.c',
      'work.c -> work.d',
    ])
    expect(textsOf(await drawPicture(readChart(risky)))).toEqual(
      expect.arrayContaining(['out of work', 'd: drown']),
    )
  })

  it('have labels that are broken into short lines', () => {
    expect(wrapLabels(['signUp', 'signIn', 'open', 'requestAuthorisation [isWriter]', 'open'])).toBe(
      'signUp, signIn, open,\nrequestAuthorisation\n[isWriter]',
    )
    expect(wrapLoop(['after renewal (9 min)'])).toBe('after renewal\n(9 min)')
  })
})

describe('a picture', () => {
  it('is the same bytes each time, whatever was drawn before', async () => {
    const first = await drawPicture(chart)
    await drawPicture(readChart(mutteringMachine))
    expect(await drawPicture(readChart(kettleMachine))).toBe(first)
  })

  it('shows states, guards, regions, ends and actors', async () => {
    const texts = textsOf(await drawPicture(chart))
    const shown = [
      ...['cold', 'heating', 'warming', 'singing', 'hot', 'lamp', 'lit', 'out', 'lid', 'shut', 'open', 'end'],
      ...[
        'all of these at once',
        'the end',
        'runs heat',
        'anywhere in kettle',
        '[is a|b]',
        'after cooling (90 s)',
      ],
    ]
    expect(texts).toEqual(expect.arrayContaining(shown))
  })

  it('has a paper of its own and inks for light and dark', async () => {
    const svg = await drawPicture(chart)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toContain('aria-label="The machine kettle"')
    // A colour that no rule names would stay what it is on dark paper.
    const colours = new Set([...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour))
    expect([...colours].sort()).toEqual(['#ffffff', 'black', 'none', 'white'])
    expect(svg.match(/fill="#ffffff"/g)?.length).toBe(
      svg.match(/fill="#ffffff" fill-opacity="0.003922"/g)?.length,
    )
  })

  it('tells an inspector which box is which state, and which arrow stands for which transitions', async () => {
    for (const each of [kettleMachine, ...Object.values(machines)]) {
      if (!(each instanceof StateMachine)) continue
      const drawn = readChart(each)
      const svg = await drawPicture(drawn)
      const paths = drawn.states.map(({ path }) => path).filter((path) => path !== '')
      expect(attributesOf(svg, 'data-state').sort(), drawn.id).toEqual(paths.sort())
      const leading = drawn.states.flatMap(({ transitions }) =>
        transitions
          .filter(({ targets }) => targets.length > 0)
          .map(({ source, descriptor, index }) => transitionKey({ source, event: descriptor, index })),
      )
      const onArrows = new Set(attributesOf(svg, 'data-transition').flatMap((keys) => keys.split(' ')))
      expect([...onArrows].sort(), drawn.id).toEqual(leading.sort())
      expect(svg).toContain(`data-machine="${drawn.id}"`)
    }
  })

  it('names transitions as XState does', () => {
    expect(at('cold')?.transitions.map(keyOf)).toEqual(['cold|on|0', 'cold|on|1'])
    expect(at('heating')?.transitions.map(keyOf)).toEqual([
      'heating|fill|0',
      'heating|off|0',
      'heating|xstate.done.actor.0.kettle.heating|0',
      'heating|xstate.error.actor.0.kettle.heating|0',
    ])
    expect(at('hot')?.transitions.map(keyOf)).toEqual([
      'hot|xstate.done.state.kettle.hot|0',
      'hot|xstate.after.cooling.kettle.hot|0',
    ])
    expect(at('hot.lamp.lit')?.transitions.map(keyOf)).toEqual(['hot.lamp.lit||0'])
    expect(transitionKey({ source: 'a b', event: 'x|y z%', index: 1 })).toBe('a%20b|x%7Cy%20z%25|1')
  })

  it('survives names that mean something to what draws it', async () => {
    const odd = createMachine({
      id: 'odd',
      initial: 'end',
      states: {
        end: { on: { 'a: b; "c" #d {e} <f> \\n': 'state' } },
        state: { on: { '*': 'with "space" <b>' } },
        'with "space" <b>': { initial: 'initial', states: { initial: {}, '^': {} } },
      },
    })
    const texts = textsOf(await drawPicture(readChart(odd)))
    expect(texts).toEqual(
      expect.arrayContaining(['any other event', 'with &quot;space&quot; &lt;b&gt;', '^']),
    )
  })
})

const write = (each: Chart) =>
  writePage(each, kettleChapter, readSystem([each], [each.id]), [{ title: 'Tea', code: 'drink()' }])

describe('a page', () => {
  it('tells of states, transitions and actors in tables whose cells hold', () => {
    const page = write(chart)
    expect(page).toBe(write(readChart(kettleMachine)))
    expect(page).toContain(
      '| <a id="state-heating"></a>`heating` | The water is being heated, whatever \\| it takes. | `click` | `click`, `assign` |',
    )
    expect(page).toContain('| <a id="state-end"></a>`end` (final) | Nobody wants tea: &lt;b>over&lt;/b>. |')
    expect(page).toContain('| `kettle` (anywhere) | `end` |  | `end` | `click` |')
    expect(page).toContain('| `heating` | `fill` | `is a\\|b` | `heating.warming` |  |')
    expect(page).toContain('| `hot` | `after cooling (90 s)` |  | `cold` |  |')
    expect(page).toContain('| <a id="actor-steam"></a>`steam` | It steams. | an action, when it is spawned |')
  })

  it('is refused for a machine with a state that nobody has described', () => {
    return expect(createPages({ mutteringMachine }, kettleBook)).rejects.toThrow(
      'The state a.b of the machine muttering has no description. Give it a sentence that a person understands.',
    )
  })
})

describe('the folder of pages', async () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'statecharts-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const pages = await createPages({ kettleMachine, again: kettleMachine, limit: 5 }, kettleBook)

  it('is written once, and then is as it should be', async () => {
    expect(await findStale(pages, directory)).toEqual([
      'README.md',
      'kettle.md',
      'kettle.svg',
      'overview.svg',
    ])
    expect(await writePages(pages, directory)).toEqual([
      'README.md',
      'kettle.md',
      'kettle.svg',
      'overview.svg',
    ])
    expect(await writePages(pages, directory)).toEqual([])
  })

  it('tells which page was edited, and which is of a machine that is gone', async () => {
    await writePages(pages, directory)
    await writeFile(join(directory, 'kettle.md'), 'better')
    await writeFile(join(directory, 'old.md'), write(chart))
    await writeFile(join(directory, 'old.svg'), await drawPicture(chart))
    await writeFile(join(directory, 'mine.md'), 'written by hand')
    await writeFile(join(directory, 'mine.svg'), '<svg/>')
    expect(await findStale(pages, directory)).toEqual(['kettle.md', 'old.md', 'old.svg'])
    await writePages(pages, directory)
    expect((await readdir(directory)).sort()).toEqual([
      'README.md',
      'kettle.md',
      'kettle.svg',
      'mine.md',
      'mine.svg',
      'overview.svg',
    ])
  })

  it('refuses two machines of one name', () => {
    const other = createMachine({ id: 'kettle', description: 'Another.' })
    return expect(createPages({ kettleMachine, other }, kettleBook)).rejects.toThrow('"kettle"')
  })
})

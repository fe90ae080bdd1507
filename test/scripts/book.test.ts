import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createMachine, setup } from 'xstate'
import { asReadersImport, openBook } from '../../scripts/statecharts/book.js'
import { checkChapter } from '../../scripts/statecharts/check-chapter.js'
import { createPages } from '../../scripts/statecharts/pages.js'
import { readChart } from '../../scripts/statecharts/read.js'
import { linkReferences } from '../../scripts/statecharts/references.js'
import { readSystem } from '../../scripts/statecharts/system.js'
import * as machines from '../../src/machines/index.js'
import { kettleBook, kettleChapter, kettleMachine } from './machine.js'

const kettle = readChart(kettleMachine)
const docs = new URL('../../docs/statecharts/', import.meta.url)

const kitchenMachine = setup({ actors: { kettle: kettleMachine } }).createMachine({
  id: 'kitchen',
  description: 'Where the kettle is.',
  initial: 'day',
  states: { day: { description: 'Somebody is up.', invoke: { src: 'kettle' } } },
})
const kitchen = readChart(kitchenMachine)

describe('what people write of a machine', () => {
  it('becomes links to what there is', () => {
    const written = '[[kettle]] is [[kettle:hot.lid]] by [[kettle/heat]], unless [[kettle!off]].'
    expect(linkReferences(written, [kettle], 'A text')).toBe(
      '[kettle](kettle.md) is [`hot.lid`](kettle.md#state-hot-lid) by [`heat`](kettle.md#actor-heat), unless [`off`](kettle.md#event-off).',
    )
  })

  it.each([
    '[[pan]]',
    '[[kettle:tepid]]',
    '[[kettle!explode]]',
    '[[kettle/whistle]]',
  ])('is refused where it speaks of %s, which there is none of', (reference) => {
    expect(() => linkReferences(`So ${reference}.`, [kettle], 'The chapter on tea')).toThrow(
      `The chapter on tea speaks of ${reference}, and there is none.`,
    )
  })

  it('is refused without a sentence for every event, actor and delay, and with one for what there is none of', () => {
    const { fill: _, ...events } = kettleChapter.events
    expect(() => checkChapter(kettle, { ...kettleChapter, events })).toThrow(
      'The event fill of the machine kettle has no sentence',
    )
    expect(() =>
      checkChapter(kettle, { ...kettleChapter, actors: { heat: 'It heats.', steam: ' ' } }),
    ).toThrow('The actor steam of the machine kettle has no sentence')
    expect(() => checkChapter(kettle, { ...kettleChapter, delays: { cooling: 'Slowly.' } })).toThrow(
      'The delay patience of the machine kettle has no sentence',
    )
    const more = { ...kettleChapter.events, whistle: 'It whistles.' }
    expect(() => checkChapter(kettle, { ...kettleChapter, events: more })).toThrow(
      'The chapter on kettle tells of the event whistle, which it hasn',
    )
  })
})

describe('who runs whom', () => {
  it('is read off the machines', () => {
    expect(readSystem([kettle, kitchen], ['kitchen', 'kettle'])).toMatchObject({
      charts: [{ id: 'kitchen' }, { id: 'kettle' }],
      running: [{ from: 'kitchen', to: 'kettle', invokedBy: ['day'] }],
    })
  })

  it('is refused when a machine is missing, has no chapter, or is run by nobody', () => {
    expect(() => readSystem([kitchen], ['kitchen'])).toThrow("runs kettle, which src/machines doesn't export")
    expect(() => readSystem([kitchen, kettle], ['kitchen'])).toThrow('The machine kettle has no chapter')
    expect(() => readSystem([kettle], ['kettle', 'pan'])).toThrow('a chapter on pan, and no such machine')
    const pan = readChart(createMachine({ id: 'pan' }))
    expect(() => readSystem([kettle, pan], ['kettle', 'pan'])).toThrow(
      'Nothing below kettle runs the machine pan',
    )
  })

  it('of the runtime is below node, and no machine is missing', async () => {
    const pages = await createPages(machines, await openBook())
    const boxes = [...(pages.get('overview.svg') ?? '').matchAll(/data-actor="([^"]+)"/g)].map(([, id]) => id)
    expect(boxes.sort()).toEqual(
      ['dial', 'node', 'peer', 'prompt', 'prompts', 'request', 'transport', 'transports'].sort(),
    )
  })
})

describe('the book', () => {
  it('fills in what is read off the machines', async () => {
    const readme = (await createPages({ kettleMachine }, kettleBook)).get('README.md')
    expect(readme).toContain('# Kettles\n\n<!-- Generated')
    expect(readme).toContain('![Which machine runs which](overview.svg)')
    expect(readme).toContain('2. [kettle](kettle.md): A kettle, from the tap to the cup.')
    expect(readme).toContain('| [kettle](kettle.md) | 12 |')
    expect(readme).toContain('[`on`](kettle.md#event-on)')
  })

  it('shows stories as its readers write them', async () => {
    expect(asReadersImport("from '../../../src/machines/index.js'")).toBe("from 'hypha-runtime/machines'")
    for (const file of await readdir(docs)) {
      const page = await readFile(new URL(file, docs), 'utf8')
      if (!file.endsWith('.md')) continue
      expect(page, file).not.toMatch(/\.\.\/src\/|\{\{|\[\[[a-z]/)
    }
  })

  it('has no link that leads nowhere', async () => {
    const files = await readdir(docs)
    for (const file of files.filter((name) => name.endsWith('.md'))) {
      const page = await readFile(new URL(file, docs), 'utf8')
      for (const [, target = '', place] of page.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)) {
        const text = await readFile(new URL(target, docs), 'utf8')
        if (place === undefined) continue
        const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
          heading.toLowerCase().replace(/ /g, '-'),
        )
        const isThere = headings.includes(place) || text.includes(`<a id="${place}"></a>`)
        expect(isThere, `${file} → ${target}#${place}`).toBe(true)
      }
    }
  })
})

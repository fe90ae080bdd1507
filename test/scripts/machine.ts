import { and, assign, createMachine, fromPromise, not, setup } from 'xstate'
import type { Chapter } from '../../scripts/statecharts/book/chapter.js'
import type { Book } from '../../scripts/statecharts/book.js'

const tea = fromPromise(async () => 'tea')

/** A kettle: a machine with one of everything that the pages tell of. */
export const kettleMachine = setup({
  types: {
    events: {} as { type: 'fill' } | { type: 'on' } | { type: 'off' } | { type: 'lift' } | { type: 'end' },
  },
  actors: { heat: tea, steam: tea },
  actions: { click: () => {}, beep: () => {} },
  guards: { hasWater: () => true, isHot: () => false, 'is a|b': () => true },
  delays: { cooling: 90_000, patience: () => 5 },
}).createMachine({
  id: 'kettle',
  description: 'A kettle, from the tap to the cup.',
  initial: 'cold',
  on: { end: { target: '.end', actions: 'click' }, lift: { actions: 'beep' } },
  states: {
    cold: {
      description: 'Water waits.',
      on: { on: [{ guard: and(['hasWater', not('isHot')]), target: 'heating' }, { actions: 'beep' }] },
    },
    heating: {
      description: 'The water is being heated,\n  whatever | it takes.',
      entry: 'click',
      exit: ['click', assign({})],
      initial: 'warming',
      invoke: { src: 'heat', onDone: 'hot', onError: { target: 'cold', actions: ['beep', 'click'] } },
      on: { fill: { target: '.warming', guard: 'is a|b' }, off: 'cold' },
      states: {
        warming: {
          description: 'It hums.',
          after: { 1500: 'singing', patience: { target: 'singing', actions: 'beep' } },
        },
        singing: { description: 'It sings.', on: { fill: { target: '#kettle.heating', reenter: true } } },
      },
    },
    hot: {
      description: 'The water is hot.',
      type: 'parallel',
      after: { cooling: 'cold' },
      onDone: 'end',
      states: {
        lamp: {
          description: 'What the lamp does.',
          initial: 'lit',
          states: {
            lit: { description: 'It is on.', always: { guard: 'isHot', target: 'out' } },
            out: { description: 'It is off.', type: 'final' },
          },
        },
        lid: {
          description: 'What the lid does.',
          initial: 'shut',
          states: {
            shut: { description: 'It is shut.', on: { lift: 'open' } },
            open: { description: 'It is open.', type: 'final' },
          },
        },
      },
    },
    end: { description: 'Nobody wants tea: <b>over</b>.', type: 'final' },
  },
})

export const mutteringMachine = createMachine({
  id: 'muttering',
  description: 'It says too little.',
  initial: 'a',
  states: { a: { initial: 'b', description: 'Well described.', states: { b: {} } } },
})

const sentence = 'It means [[kettle:heating]].'

/** What somebody wrote of the kettle. */
export const kettleChapter: Chapter = {
  id: 'kettle',
  introduction: 'It whistles in [[kettle:heating.singing]].',
  events: { fill: 'Water | comes.', on: sentence, off: sentence, lift: sentence, end: sentence },
  actors: { heat: 'It heats.', steam: 'It steams.' },
  delays: { cooling: 'Nobody drinks it.', patience: 'Somebody waits.' },
  stories: [{ title: 'Tea', file: 'tea.ts' }],
}

export const kettleBook: Book = {
  chapters: [kettleChapter],
  texts: new Map([
    ['README.md', '# Kettles\n\n{{overview}}\n{{order}}\n{{machines}}\n[[kettle!on]], [[kettle/heat]]\n'],
  ]),
  readStory: async (file) => `// ${file}\n`,
}

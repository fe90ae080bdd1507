import type { PromptsEvent } from '../../../src/machines/index.js'
import type { Chapter, Told } from './chapter.js'

const events: Told<PromptsEvent> = {
  'request.received':
    'A node asks. It may be known, it may replace its own older question, or there may be no room.',
  'request.renewed': 'The asker of this question goes on asking.',
  'request.cancelled': 'The asker of this question takes it back.',
  'request.declinedElsewhere': 'The person said no to this question on another device.',
  'writer.authorised': 'The database has a new writer: the question for that key is answered.',
  mayAnswer: '[[node]] has become a writer or is the origin: from now on the person may be asked.',
  authorise: 'The person says yes to the question with this id.',
  decline: 'The person says no to it.',
}

export const prompts: Chapter = {
  id: 'prompts',
  introduction: `Keeps the questions of other nodes, each as a [[prompt]] of its own, and finds the one that an event is about. There are never more
than five, and never two for one key: a node that lost its question asks under a new id, and the new question takes the old one’s place.

A node that may not write yet listens all the same ([[prompts:listening]]): when it becomes a writer it shows what has been asked
meanwhile and is still valid.`,
  events,
  actors: { prompt: 'One for each question that is known, until it is answered, taken back or too old.' },
  delays: {},
  stories: [{ title: 'Three questions, two prompts', file: 'prompts.ts' }],
}

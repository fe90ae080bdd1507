import type { PromptEvent } from '../../../src/machines/index.js'
import type { Chapter, Told } from './chapter.js'

const events: Told<PromptEvent> = {
  authorise: 'The person says yes on this device.',
  decline: 'The person says no on this device.',
  renewed: 'The asker goes on asking: the question is young again.',
  cancelled: 'The asker takes the question back, or asks a new one in its place.',
  authorisedElsewhere: 'The database has this writer: the person said yes on another device.',
  declinedElsewhere: 'The person said no on another device.',
}

export const prompt: Chapter = {
  id: 'prompt',
  introduction: `One question on the screen of a device that may write. All that it shows comes from the asking node and has been checked and cleaned by
then; the name is still a claim, which is why people compare the words.

Nothing happens without the person: the only ways to [[prompt:authorised]] are this person’s yes here ([[prompt!authorise]]) and their yes
on another device, which the database knows. A yes is first written ([[prompt:authorising]]), and counts once it is; what arrives
meanwhile counts only if the writing fails.`,
  events,
  actors: {
    authorise: 'Writes the authorisation and its record to the database, then tells the asker.',
    decline: 'Tells the asker, and the other devices that show the question.',
  },
  delays: {
    lifetime: 'A question outlives its message’s ten minutes by as much as two clocks may differ.',
  },
  stories: [{ title: 'Answered twice, and not at all', file: 'prompt.ts' }],
}

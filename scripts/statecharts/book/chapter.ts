/** What a machine's definition doesn't say, in words: checked against the machine, so that it can't go stale. */
export interface Chapter {
  /** The machine's id. */
  readonly id: string
  /** What it is for and where it stands. Markdown, with references as in references.ts. */
  readonly introduction: string
  /** A sentence for every event. */
  readonly events: Readonly<Record<string, string>>
  /** A sentence for every actor that it runs; of machines, how many of them and when. */
  readonly actors: Readonly<Record<string, string>>
  /** A sentence for every delay. */
  readonly delays: Readonly<Record<string, string>>
  /** How to drive it: a heading, and a file of ../drive. */
  readonly stories: readonly { readonly title: string; readonly file: string }[]
}

/** The events of a machine that need a sentence: XState makes the others. */
export type Told<Event extends { readonly type: string }> = Readonly<
  Record<Exclude<Event['type'], `xstate.${string}`>, string>
>

const SURROUNDINGS = {
  'network.online': 'The device has a network, or another one than before.',
  'network.offline': 'The device has no network.',
  'page.hidden': 'Nobody sees the page any more. Never heard where there is no page.',
  'page.visible': 'The page is seen again.',
}

export const surroundings: Readonly<Record<keyof typeof SURROUNDINGS, string>> = SURROUNDINGS

/** What tells a transition from the others of its machine, as in XState's definition. */
export interface TransitionName {
  /** The path of the state that defines it; nothing for the machine itself. */
  readonly source: string
  /** The event's descriptor; nothing for always. */
  readonly event: string
  /** Its place among those of the same state and event. */
  readonly index: number
}

/**
 * A transition as pictures name it in `data-transition`: `source|event|index`. Keys hold no white space, so that a list of them
 * can be split by it; what would break that is written as in URLs, and none of our machines has any of it.
 */
export const transitionKey = ({ source, event, index }: TransitionName): string =>
  `${encode(source)}|${encode(event)}|${index}`

const encode = (text: string): string => text.replace(/[%|\s]/g, encodeURIComponent)

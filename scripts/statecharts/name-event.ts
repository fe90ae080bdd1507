import type { ChartEvent } from './read.js'

/** How an event is called in pictures and tables. */
export const nameEvent = (event: ChartEvent): string => {
  switch (event.kind) {
    case 'event':
      return event.name === '*' ? 'any other event' : event.name
    case 'always':
      return 'always'
    case 'after':
      return `after ${event.delay}`
    case 'finished':
      return 'done inside'
    default:
      return `${event.kind} of ${event.actor}`
  }
}

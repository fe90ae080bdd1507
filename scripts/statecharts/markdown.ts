/** Words that a cell of a table can hold. */
export const text = (words = ''): string =>
  words.trim().replace(/\s+/g, ' ').replace(/</g, '&lt;').replace(/\|/g, '\\|')

export const code = (words: string): string =>
  `\`${words.replace(/`/g, "'").replace(/\s+/g, ' ').replace(/\|/g, '\\|')}\``

export const codes = (words: readonly string[]): string => words.map(code).join(', ')

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)

export type Subject = 'state' | 'event' | 'actor'

/** Where a page tells of something. */
export const anchor = (subject: Subject, name: string): string =>
  `${subject}-${name.replace(/[^A-Za-z0-9]+/g, '-')}`

/** A place that can be linked to. */
export const anchored = (subject: Subject, name: string): string =>
  `<a id="${anchor(subject, name)}"></a>${code(name)}`

/** What a script can tell by. */
export const EXIT = { ok: 0, error: 1, usage: 2, notFound: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The command was called wrongly: nothing was done. */
export class UsageError extends Error {}

/** The person ended it, and knows: there is nothing to say. */
export class Interrupted extends Error {}

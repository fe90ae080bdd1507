import { harmless } from './output.js'

/** What a person is told of an error: sentences of ours and of the option parser, never a stack. */
export const sentence = (error: unknown): string =>
  harmless(error instanceof Error ? error.message : 'Something failed.')

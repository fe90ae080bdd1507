import type { ExitCode } from './exit-codes.js'
import type { Output } from './output.js'

/** The process as the command sees it; a test may give another. */
export type Around = Pick<
  NodeJS.Process,
  'argv' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'platform' | 'pid' | 'on' | 'off'
>

/** What every command works with. */
export interface Context {
  readonly around: Around
  readonly out: Output
  /** Aborted by Ctrl-C and its like, and when nobody reads the output any more. */
  readonly stop: AbortSignal
  finish(code: ExitCode): void
}

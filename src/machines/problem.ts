/** What a machine keeps of an error: the stable code and the sentence. Never the error object, which may hold more. */
export interface Problem {
  readonly code: string
  readonly message: string
}

/** Beside the problems, not in them: contexts and events are for showing. */
const errors = new WeakMap<Problem, unknown>()

/** The error that a problem was made of, for whoever has to throw it again with its cause. */
export const errorBehind = (problem: Problem): unknown => errors.get(problem)

/** Codes of others, Node's among them, are no promise of ours: those errors get the fallback's, and stay the cause. */
const codeOf = (error: Error): string | undefined =>
  error.name === 'HyphaError' && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export const toProblem = (error: unknown, fallback = 'OPENING_FAILED'): Problem => {
  const problem =
    error instanceof Error
      ? { code: codeOf(error) ?? fallback, message: error.message }
      : { code: fallback, message: 'Something failed without saying why.' }
  errors.set(problem, error)
  return problem
}

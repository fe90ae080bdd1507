import { errorBehind, type Problem } from '../machines/problem.js'
import { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'

/** The error of a problem that a machine kept: the one that it was made of, or one with that as its cause. */
export const toError = (problem: Problem): HyphaError => {
  const error = errorBehind(problem)
  return error instanceof HyphaError
    ? error
    : new HyphaError(problem.code as HyphaErrorCode, problem.message, { cause: error })
}

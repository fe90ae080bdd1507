import { HyphaError } from '../../protocol/errors.js'

/** @throws HyphaError OPTION_INVALID */
export const mustBeFunction = (listener: unknown): void => {
  if (typeof listener !== 'function') throw new HyphaError('OPTION_INVALID', 'A listener is a function.')
}

/** @throws HyphaError KEY_INVALID */
export const mustBeString = (what: string, value: unknown): void => {
  if (typeof value !== 'string') throw new HyphaError('KEY_INVALID', `${what} must be a string.`)
}

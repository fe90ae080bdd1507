import type { HyphaNode, NodeEvents } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import {
  type Checks,
  checkOptions,
  invalid,
  isAnything,
  isBoolean,
  unknownName,
} from '../../protocol/given.js'

type OptionsOf<Method extends (...given: never[]) => unknown, At extends number> = NonNullable<
  Parameters<Method>[At]
>

const NAMES: Readonly<Record<keyof NodeEvents, true>> = {
  'authorisation-requested': true,
  authorised: true,
  'device-admitted': true,
  'peer-connected': true,
  'peer-disconnected': true,
  message: true,
  synced: true,
  error: true,
}

/** @throws HyphaError OPTION_INVALID */
export const mustBeFunction = (listener: unknown): void => {
  if (typeof listener !== 'function') throw invalid('A listener is a function.')
}

/** @throws HyphaError OPTION_INVALID */
export const mustBeEvent = (name: unknown): void => {
  if (typeof name !== 'string' || !Object.hasOwn(NAMES, name))
    throw unknownName('A node has no event', String(name), Object.keys(NAMES))
}

/** @throws HyphaError KEY_INVALID */
export const mustBeString = (what: string, value: unknown): void => {
  if (typeof value !== 'string') throw new HyphaError('KEY_INVALID', `${what} must be a string.`)
}

/** Who asked for what is approved is a choice of the person's: the whole question is not its id. @throws HyphaError OPTION_INVALID */
export const mustBeRequestId = (id: unknown): void => {
  if (typeof id !== 'string') throw invalid('Give the id of a request, as in authorise(request.id).')
}

const areWords = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((word) => typeof word === 'string'))

/** @throws HyphaError OPTION_INVALID */
export const mustBeWords = (words: unknown): void => {
  if (!areWords(words)) throw invalid('Give the five words of a request, as a string or an array.')
}

/** Domains, passphrases and hyphalinks have errors of their own. */
const checks = {
  signUp: { domain: isAnything } satisfies Checks<OptionsOf<HyphaNode['signUp'], 0>>,
  signIn: { domain: isAnything, passphrase: isAnything, request: isBoolean } satisfies Checks<
    OptionsOf<HyphaNode['signIn'], 0>
  >,
  open: { hyphalink: isAnything } satisfies Checks<OptionsOf<HyphaNode['open'], 0>>,
  authorise: {
    words: (value: unknown) => (areWords(value) ? undefined : 'the five words, as a string or an array'),
  } satisfies Checks<OptionsOf<HyphaNode['authorise'], 1>>,
  put: { public: isBoolean } satisfies Checks<OptionsOf<HyphaNode['put'], 2>>,
}

/** @throws HyphaError OPTION_INVALID */
export const checkCall = (call: keyof typeof checks, given: unknown): void =>
  checkOptions(`${call}()`, given, checks[call])

import { HyphaError } from './errors.js'
import { nearWords } from './near.js'

/** What a program gave and can't be used: told where it was given. */
export const invalid = (message: string): HyphaError => new HyphaError('OPTION_INVALID', message)

/** At most this much of what somebody else wrote goes into a sentence. */
const MAX_QUOTED = 40

const quoted = (name: string): string =>
  `“${name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name}”`

/** A name that isn't among those there are, and the one that was probably meant. */
export const unknownName = (what: string, name: string, known: readonly string[]): HyphaError => {
  const same = known.find((one) => one.toLowerCase() === name.toLowerCase())
  const [near] = same === undefined ? nearWords(name, known) : [same]
  const all = known.length === 0 ? 'It takes none.' : `There are: ${known.join(', ')}.`
  return invalid(`${what} ${quoted(name)}. ${near === undefined ? all : `Did you mean ${quoted(near)}?`}`)
}

/** Says what a value must be, where it isn't: `a string`, to follow "must be". */
export type Check = (value: unknown) => string | undefined

export const isString: Check = (value) => (typeof value === 'string' ? undefined : 'a string')
export const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
export const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
/** By what it is like: a URL of another realm (jsdom's, say) is of another class. */
export const isUrlObject = (value: unknown): value is URL =>
  typeof value === 'object' && value !== null && 'href' in value && String(value) === value.href
export const isUrl: Check = (value) =>
  typeof value === 'string' || isUrlObject(value) ? undefined : 'a URL, as a string or an object'
/** Whatever is given: it is checked where it is used. */
export const isAnything: Check = () => undefined

/** An object with certain methods: what another call gives, or the app's own. */
export const hasMethods =
  (what: string, ...methods: readonly string[]): Check =>
  (value) => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
    return isObject && methods.every((name) => typeof Reflect.get(value, name) === 'function')
      ? undefined
      : what
  }

/** One check an option, so that a new option does not compile before somebody has decided. */
export type Checks<Options> = { readonly [Name in keyof Options]-?: Check }

/**
 * Options as somebody wrote them: an object, with names that there are and values of the right kind. What is undefined was not given.
 * @param call as it is written, `createNode()`
 * @throws HyphaError OPTION_INVALID
 */
export const checkOptions = (call: string, given: unknown, checks: Readonly<Record<string, Check>>): void => {
  const names = Object.keys(checks)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(`${call} takes an object of options, as in { ${names[0]}: ... }.`)
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) throw unknownName(`${call} has no option`, name, names)
    const problem = value === undefined ? undefined : check(value)
    if (problem !== undefined) throw invalid(`The option ${name} of ${call} must be ${problem}.`)
  }
}

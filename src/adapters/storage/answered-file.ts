import { soon } from '../soon.js'
import type { RandomAccess } from './storage.js'

type Answer<T> = ((error: Error | null, value?: T) => void) | undefined

/** A storage of an app's own may hand on anything. What is an object keeps its fields: `code` says why. */
const toError = (error: unknown): Error | null => {
  if (error === null || error === undefined) return null
  return typeof error === 'object' && 'message' in error ? (error as Error) : new Error(String(error))
}

/**
 * Has one answer come to each call, later: also where a file throws, answers at once or twice, or is an `async` function that
 * rejects. hypercore would wait for ever, or the process would end.
 */
const ask = <T>(answer: Answer<T>, call: (answer: NonNullable<Answer<T>>) => unknown): void => {
  let isAsking = true
  let isAnswered = false
  const once = (error: unknown, value?: T): void => {
    if (isAnswered) return
    isAnswered = true
    const given = toError(error)
    if (isAsking) soon(answer, given, value)
    else answer?.(given, value)
  }
  const failed = (error: unknown) => once(error ?? new Error('The storage failed'))
  try {
    const returned = call(once)
    if (returned instanceof Promise) returned.catch(failed)
  } catch (error) {
    failed(error)
  }
  isAsking = false
}

/** A file of any storage, an app's own too, held to what {@link RandomAccess} says. One that can't be opened fails in its calls. */
export const answeredFile = (open: () => RandomAccess): RandomAccess => {
  let file: RandomAccess | undefined
  let problem: unknown
  try {
    file = open()
  } catch (error) {
    problem = error
  }
  const opened = (): RandomAccess => {
    if (file) return file
    throw problem
  }
  return {
    read: (offset, size, callback) =>
      ask<Uint8Array>(callback, (answer) =>
        opened().read(offset, size, (error, bytes) =>
          error || bytes?.length === size
            ? answer(error, bytes)
            : answer(new Error(`The storage read ${bytes?.length ?? 0} bytes instead of ${size}`)),
        ),
      ),
    write: (offset, bytes, callback) => ask(callback, (answer) => opened().write(offset, bytes, answer)),
    del: (offset, size, callback) => ask(callback, (answer) => opened().del(offset, size, answer)),
    close: (callback) => ask(callback, (answer) => (file ? file.close(answer) : answer(null))),
  }
}

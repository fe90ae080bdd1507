/** What contracts are made of and assert with, in Node and in a page alike. */

/** One promise of a contract, for any test runner. */
export interface ContractCase {
  readonly name: string
  /** Resolves when it is kept; rejects with what is wrong. */
  run(): Promise<void>
}

const fail = (message: string): never => {
  throw new Error(message)
}

export const assert = {
  ok: (holds: boolean, message = 'it does not hold'): void => {
    if (!holds) fail(message)
  },
  equal: (found: unknown, expected: unknown): void => {
    if (!Object.is(found, expected)) fail(`${String(found)} is not ${String(expected)}`)
  },
  deepEqual: (found: readonly string[], expected: readonly string[]): void => {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
    if (a !== b) fail(`${a} is not ${b}`)
  },
  /** Bytes, without printing megabytes of them. */
  same: (found: Uint8Array, expected: Uint8Array): void => {
    if (found.length !== expected.length) fail(`${found.length} bytes are not ${expected.length}`)
    for (let i = 0; i < found.length; i++) if (found[i] !== expected[i]) fail(`byte ${i} is another`)
  },
}

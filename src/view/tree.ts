import * as imported from 'sorted-btree'

type Constructor = typeof imported.default.default

// A CommonJS package with a default export: Node gives the exports object as the default, bundlers unwrap it.
const given: unknown = imported.default
const BTree = typeof given === 'function' ? (given as Constructor) : imported.default.default

/** Names in order, each with a value. `clone()` takes constant time: both sides copy what they change. */
export type Tree<Value> = InstanceType<typeof BTree<string, Value>>

/** Order by UTF-16 code units: the same on every platform and in every locale. */
const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const createTree = <Value>(): Tree<Value> => new BTree<string, Value>(undefined, byCodeUnit)

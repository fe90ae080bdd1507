import type { NodeServices } from '../../actors/services.js'
import type { HyphaNode, Write } from '../../api.js'
import type { Gate } from './gate.js'
import { mustBeFunction, mustBeString } from './given.js'

type Entries = Pick<HyphaNode, 'put' | 'del' | 'batch' | 'get' | 'getAll' | 'entries' | 'watch'>

/** Reading and writing what the hypha holds. */
export const createEntriesFace = ({ watchers }: NodeServices, gate: Gate): Entries => {
  const write = async (writes: readonly Write[]) => {
    const { entries } = gate.mustBeOpen()
    gate.mustBeWriter()
    await entries.write(writes)
  }

  return {
    put: (key, value, how) => write([{ type: 'put', key, value, public: how?.public ?? false }]),
    del: (key) => write([{ type: 'del', key }]),
    batch: write,
    async get(key) {
      mustBeString('A key', key)
      return gate.mustBeOpen().entries.get(key)
    },
    async getAll(key) {
      mustBeString('A key', key)
      return gate.mustBeOpen().entries.getAll(key)
    },
    async *entries(prefix = '') {
      mustBeString('A prefix', prefix)
      yield* gate.mustBeOpen().entries.entries(prefix)
    },
    watch(prefix, listener) {
      mustBeString('A prefix', prefix)
      mustBeFunction(listener)
      return watchers.watch(prefix, listener)
    },
  }
}

import type { NodeServices } from '../../actors/services.js'
import type { HyphaNode, Write } from '../../api.js'
import { readableName, readablePrefix } from '../../protocol/entry-name.js'
import { copyWrites, normalWrites } from '../../protocol/writes.js'
import type { Gate } from './gate.js'
import { checkCall, mustBeFunction } from './given.js'

type Entries = Pick<HyphaNode, 'put' | 'del' | 'batch' | 'get' | 'getAll' | 'entries' | 'watch'>

/** Reading and writing what the hypha holds. */
export const createEntriesFace = ({ watchers }: NodeServices, gate: Gate): Entries => {
  /** Writes that came before the node was there. Those that come while they wait go behind them. */
  let early: Promise<void> | undefined

  const comeBack = async () => {
    const turn = (early ?? Promise.resolve()).then(gate.comeBack)
    early = turn
    await turn
    if (early === turn) early = undefined
  }

  const write = async (writes: readonly Write[]) => {
    let given = normalWrites(writes)
    if (early || gate.mustComeBack()) {
      // As the values are now: the caller may change them before it is their turn.
      given = copyWrites(given)
      await comeBack()
    }
    const { entries } = gate.mustBeOpen()
    gate.mustBeWriter()
    await entries.write(given)
  }

  return {
    async put(key, value, how) {
      if (how) checkCall('put', how)
      await write([{ type: 'put', key, value, public: how?.public ?? false }])
    },
    del: (key) => write([{ type: 'del', key }]),
    batch: write,
    async get(key) {
      const name = readableName(key)
      const session = gate.whenOpen()
      return (session instanceof Promise ? await session : session).entries.get(name)
    },
    async getAll(key) {
      const name = readableName(key)
      const { entries } = await gate.whenOpen()
      return entries.getAll(name)
    },
    async *entries(prefix = '') {
      const start = readablePrefix(prefix)
      const { entries } = await gate.whenOpen()
      yield* entries.entries(start)
    },
    watch(prefix, listener) {
      const start = readablePrefix(prefix)
      mustBeFunction(listener)
      return watchers.watch(start, listener)
    },
  }
}

import type { NodeServices } from '../../actors/services.js'
import type { HyphaNode, Write } from '../../api.js'
import { copyWrites } from '../../protocol/writes.js'
import type { Gate } from './gate.js'
import { checkCall, mustBeFunction, mustBeString } from './given.js'

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
    let given = writes
    if (early || gate.mustComeBack()) {
      // As the values are now: the caller may change them before it is their turn.
      given = copyWrites(writes)
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
      mustBeString('A key', key)
      const session = gate.whenOpen()
      return (session instanceof Promise ? await session : session).entries.get(key)
    },
    async getAll(key) {
      mustBeString('A key', key)
      const { entries } = await gate.whenOpen()
      return entries.getAll(key)
    },
    async *entries(prefix = '') {
      mustBeString('A prefix', prefix)
      const { entries } = await gate.whenOpen()
      yield* entries.entries(prefix)
    },
    watch(prefix, listener) {
      mustBeString('A prefix', prefix)
      mustBeFunction(listener)
      return watchers.watch(prefix, listener)
    },
  }
}

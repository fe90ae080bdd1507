import type { Database } from '../adapters/database/database.js'
import { fromHex } from '../protocol/bytes.js'
import { parseNodeRecordKey } from '../protocol/record.js'
import type { Uncounted } from '../view/uncounted.js'
import type { View } from '../view/view.js'

const KEY_BYTES = 32

/**
 * Writes again what this node wrote and what does not count any more, as the yes that let it in stands elsewhere now: but for what has been
 * written since.
 */
export const createWriteAgain = (about: {
  readonly database: Pick<
    Database,
    'authorise' | 'isAuthorised' | 'localWriter' | 'mending' | 'readValue' | 'write'
  >
  readonly view: Pick<View, 'get' | 'isAdmitted' | 'uncounted'>
  readonly report: (error: unknown) => void
}) => {
  const { database, view, report } = about
  const { localWriter } = database
  let running: Promise<void> | undefined

  /** Whom the entry lets in, if it does. */
  const targetOf = ({ key }: Uncounted): string | undefined => {
    const record = parseNodeRecordKey(key)
    return record?.author === localWriter && record.target !== localWriter ? record.target : undefined
  }
  const isDue = (entry: Uncounted): boolean => {
    const { name, time = 0, deleted } = entry
    const target = targetOf(entry)
    if (target !== undefined) return !deleted && !view.isAdmitted(target)
    if (name === undefined) return false
    const now = view.get(name)
    return now ? now.time < time : !deleted
  }
  const writeAgain = async (entry: Uncounted) => {
    const { feed, seq, key, deleted } = entry
    const value = await database.readValue(feed, seq)
    if (!value) return
    const target = fromHex(targetOf(entry), KEY_BYTES)
    if (target) await database.authorise(target, { type: 'put', key, value })
    else await database.write([{ type: deleted ? 'del' : 'put', key, value }])
  }
  const run = async () => {
    const due = view.uncounted().filter(isDue)
    for (const entry of due.sort((a, b) => a.seq - b.seq)) await writeAgain(entry)
  }

  /** Looks whether there is anything to be written again: who may write has changed, or all history came anew. */
  return (): void => {
    const mayWrite = view.isAdmitted(localWriter) && database.isAuthorised(localWriter)
    if (running || !mayWrite || database.mending || view.uncounted().length === 0) return
    running = run()
      .catch(report)
      .finally(() => {
        running = undefined
      })
  }
}

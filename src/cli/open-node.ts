import { existsSync } from 'node:fs'
import type { HyphaNode } from '../api.js'
import { HyphaError, type HyphaErrorCode } from '../protocol/errors.js'
import { makePrivateFolder, storeOf } from './data-folder.js'
import type { Roads } from './roads.js'

export interface OpenOptions {
  /** The data folder. */
  readonly folder: string
  readonly roads: Roads
  /** For places on always-on nodes of other machines; kept nowhere. */
  readonly claimCode?: string | undefined
  /** Hears what goes wrong, from the first moment: a road may fail while the node is opened. */
  readonly onError?: (error: HyphaError) => void
}

const nothingHere = (folder: string): HyphaError =>
  new HyphaError(
    'NOT_OPEN',
    `Nothing is kept in ${folder} yet. Begin with hypha sign-up or hypha sign-in, or give another --data.`,
  )

/** Resolves when the node is no longer on its way. */
const settled = (node: HyphaNode): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (node.state === 'opening') return
      stop()
      resolve()
    }
    const stop = node.subscribe(look)
    // Not at once: `stop` is not there yet.
    queueMicrotask(look)
  })

/**
 * Opens the node of a data folder: what is stored goes on, and where nothing is, it is signed out.
 * @throws HyphaError STORAGE_LOCKED when another process has it, and what opening rejects with
 */
export const openNode = async ({ folder, roads, claimCode, onError }: OpenOptions): Promise<HyphaNode> => {
  // The runtime is large: who talks to a session does without it, and is quick.
  const [{ createNode }, { fileStorage }, { toTransports }] = await Promise.all([
    import('../index.js'),
    import('../adapters/storage/file-storage.js'),
    import('./transports.js'),
  ])
  const transports = toTransports(roads, claimCode)
  await makePrivateFolder(folder)
  const storage = fileStorage(storeOf(folder))
  await storage.open?.()
  const node = createNode({ storage, transports, ...(roads.name === undefined ? {} : { name: roads.name }) })
  if (onError) node.on('error', onError)
  await settled(node)
  if (node.state !== 'failed') return node
  const { problem } = node.getSnapshot()
  await node.close()
  throw problem
    ? new HyphaError(problem.code as HyphaErrorCode, problem.message)
    : new HyphaError('OPENING_FAILED', 'What is stored here could not be opened. Try again.')
}

/** As {@link openNode}, for what needs a hypha: a folder that holds none is left as it is. */
export const openStoredNode = async (options: OpenOptions): Promise<HyphaNode> => {
  if (!existsSync(storeOf(options.folder))) throw nothingHere(options.folder)
  const node = await openNode(options)
  if (node.state !== 'signedOut') return node
  await node.close()
  throw nothingHere(options.folder)
}

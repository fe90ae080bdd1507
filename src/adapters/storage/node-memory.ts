import { HyphaError } from '../../protocol/errors.js'
import {
  decodeStoredNode,
  encodeStoredNode,
  MAX_STORED_NODE_BYTES,
  type StoredNode,
} from '../../protocol/stored-node.js'
import type { Crypto } from '../crypto/crypto.js'
import type { Storage } from './storage.js'
import { openTwoSlots, type TwoSlots } from './two-slots.js'

/** What a node was, with its secrets unwrapped. */
export interface Remembered extends Omit<StoredNode, 'keys'> {
  /** What a keyring gave as its `secrets`; whoever takes them wipes them. */
  readonly secrets?: Uint8Array
}

/** What outlasts the process: one small record in the storage. */
export interface NodeMemory {
  /** @throws HyphaError STORAGE_FAILED when there is something and it can't be read, STORAGE_DAMAGED when it makes no sense */
  recall(): Promise<Remembered | undefined>
  /** The node's own request, as it is remembered. */
  readonly request: string | undefined
  /** Replaces what is remembered; the secrets are wiped. */
  remember(node: Remembered): Promise<void>
  /** Remembers the node's own request, or that it has none any more. Before there is a record it does nothing. */
  keepRequest(requestId: string | undefined): Promise<void>
  /** Remembers whom a person said no to, as {@link keepRequest}: those that there are when it is its turn. */
  keepDeclined(requestIds: () => readonly string[]): Promise<void>
  /** Resolves when nothing is being stored. */
  settled(): Promise<unknown>
}

/** Of what was there, and can be replaced by who has the passphrase. */
const damaged = (): HyphaError =>
  new HyphaError(
    'STORAGE_DAMAGED',
    'What this device remembers of its hypha is damaged. Sign in with the passphrase: its entries are still here.',
  )

const newer = (): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'A newer version of hypha-runtime wrote what this device remembers. Open it with that version.',
  )

const failed = (cause: unknown): HyphaError =>
  new HyphaError(
    'STORAGE_FAILED',
    'What this device remembers of its hypha can not be read or written. Check that the disk is there, whole and not full, then try again.',
    { cause },
  )

export const createNodeMemory = (storage: Storage, crypto: () => Promise<Crypto>): NodeMemory => {
  let opening: Promise<TwoSlots> | undefined
  let known: StoredNode | undefined
  let last: Promise<unknown> = Promise.resolve()

  const open = (): Promise<TwoSlots> => {
    opening ??= crypto().then(({ hash }) =>
      openTwoSlots({ storage, name: 'node', maxBytes: MAX_STORED_NODE_BYTES, hash, failed }),
    )
    return opening
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  const store = async (node: StoredNode): Promise<void> => {
    await (await open()).replace(encodeStoredNode(node))
    known = node
  }

  return {
    recall: () =>
      inTurn(async () => {
        // Looked at anew at each recall: another process may have been here meanwhile.
        opening = undefined
        const { record, isDamaged } = await open()
        if (isDamaged) throw damaged()
        if (!record) return undefined
        const node = decodeStoredNode(record)
        if (!node) throw damaged()
        if (node === 'newer') throw newer()
        known = node
        const { keys, ...rest } = node
        if (!keys) return rest
        // Whoever takes the secrets wipes them, and these bytes are to be stored again.
        const secrets = storage.wrapping ? await storage.wrapping.unwrap(keys) : new Uint8Array(keys)
        if (secrets) return { ...rest, secrets }
        throw new HyphaError(
          'STORAGE_FAILED',
          'The keys in this storage can not be opened: the key of this device is missing or another. Sign in again with an empty storage.',
        )
      }),
    get request() {
      return known?.request
    },
    remember: ({ secrets, ...node }) =>
      inTurn(async () => {
        if (!secrets) return store(node)
        const keys = storage.wrapping ? await storage.wrapping.wrap(secrets) : new Uint8Array(secrets)
        ;(await crypto()).wipe(secrets)
        await store({ ...node, keys })
      }),
    keepRequest: (requestId) =>
      inTurn(async () => {
        if (!known || known.request === requestId) return
        const { request, ...node } = known
        await store(requestId === undefined ? node : { ...node, request: requestId })
      }),
    keepDeclined: (requestIds) =>
      inTurn(async () => {
        const declined = requestIds()
        if (known) await store({ ...known, declined })
      }),
    settled: () => last,
  }
}

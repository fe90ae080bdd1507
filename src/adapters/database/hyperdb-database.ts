import libsodium from 'libsodium-wrappers'
import { equalBytes, toHex, utf8 } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { parseHistoryBlock } from '../../protocol/history-blocks.js'
import {
  MAX_BATCH_ENTRIES,
  MAX_BLOCK_BYTES,
  MAX_FEEDS_PER_CONNECTION,
  MAX_KEY_BYTES,
  READ_TIMEOUT_MS,
} from '../../protocol/limits.js'
import type { Storage } from '../storage/storage.js'
import { CausalFrontier } from './causal-frontier.js'
import type { Database, DatabaseEvents, DatabaseWrite } from './database.js'
import { hypercoreCrypto } from './engine.js'
import { fastSodium } from './fast-sodium.js'
import { createDamageReports } from './feed-check/damage.js'
import { examinedFiles, holdsAnother } from './feed-check/examined-files.js'
import { createHeldKeeper } from './held.js'
import { MendedHyperdb } from './mended-hyperdb.js'
import { closeFeed, sealOrigin } from './origin-seal.js'
import { createReplication, type OpenReplication } from './replication.js'
import { createSealKeeper } from './seal-keeper.js'
import { filesWithSecret, isPublicKey, openLocalWriter, storageFailed } from './writer-keys.js'
import { giveWay, oncePerMacrotask } from './yielding.js'

export { sealOrigin } from './origin-seal.js'

export interface DatabaseOptions {
  /** 32 bytes. */
  readonly hyphalink: Uint8Array
  /** Given once, at sign-up: the origin is sealed with it, and it is wiped. 64 bytes. */
  readonly originSecretKey?: Uint8Array
  /** Stays its owner's to close, after the database. */
  readonly storage: Storage
  readonly events: DatabaseEvents
}

/** What of a block is not its value: the trie of a key of a thousand bytes, clocks and lists of 256 feeds. */
const BLOCK_OVERHEAD = 192 * 1024

/**
 * Opens a hypha's database on hyperdb 3.5.0 with everything of it mended. Resolves when all the history that is stored and
 * not waiting for blocks has been delivered to `events.entries`.
 *
 * @throws HyphaError HYPHALINK_INVALID, STORAGE_OF_ANOTHER_HYPHA, STORAGE_FAILED, FEED_CORRUPT, OPTION_INVALID
 */
export const openDatabase = async (options: DatabaseOptions): Promise<Database> => {
  const { hyphalink, storage, events } = options
  await fastSodium()
  if (!isPublicKey(hyphalink))
    throw new HyphaError('HYPHALINK_INVALID', 'A hyphalink is a public key of 32 bytes.')
  if (await holdsAnother(storage, hyphalink)) {
    throw new HyphaError(
      'STORAGE_OF_ANOTHER_HYPHA',
      'This storage holds another hypha. Give each hypha a storage of its own.',
    )
  }
  if (options.originSecretKey)
    await sealOrigin({ hyphalink, originSecretKey: options.originSecretKey, storage })
  const { publicKey, secretKey } = await openLocalWriter(storage)
  const localWriter = toHex(publicKey)

  let isClosed = false
  const replications = new Set<OpenReplication>()
  let fail = (_: Error) => {}
  /** Rejects when the origin or the local feed can't be opened: hyperdb would wait for it for ever. */
  const fault = new Promise<never>((_, reject) => {
    fail = reject
  })
  fault.catch(() => {})

  const tell = (run: () => void) => {
    if (isClosed) return
    try {
      run()
    } catch (error) {
      // A listener's mistake must not stop the fold, and is not lost.
      queueMicrotask(() => events.error(error instanceof Error ? error : new Error(String(error))))
    }
  }
  const report = (error: unknown) =>
    tell(() => events.error(error instanceof Error ? error : storageFailed(error)))
  const progressed = oncePerMacrotask(() => tell(() => events.progress()))
  const seals = createSealKeeper(hyphalink, report)

  const frontier = new CausalFrontier({
    isPublicKey,
    learn: (writer, seq) =>
      new Promise((resolve, reject) => writer.get(seq, (error) => (error ? reject(error) : resolve()))),
    onEntries(entries) {
      tell(() => events.entries(entries, frontier.feeds))
      if (entries.some(({ feed }) => feed === 0)) void showSeal()
    },
    onStopped(feed, seq, reason, cause) {
      const code = cause ? 'STORAGE_FAILED' : 'FEED_CORRUPT'
      const message = `The feed of writer ${feed} can not be read on from block ${seq}: ${reason}. What it wrote before stays, and other writers are not concerned.`
      report(new HyphaError(code, message, { cause }))
    },
    onProgress: () => {
      progressed()
      held.progressed()
    },
  })

  const damage = createDamageReports(report)
  const keys = new Map<string, Uint8Array>([['local', publicKey]])
  const nameOf = (folder: string) => {
    const key = toHex(keys.get(folder) ?? new Uint8Array(0))
    return folder === 'source'
      ? 'the origin'
      : folder === 'local'
        ? 'this device’s own entries'
        : `writer ${key}`
  }
  const files = examinedFiles({
    file: filesWithSecret(storage, secretKey),
    keyOf: (folder) => keys.get(folder),
    onExamined: (folder, found) => damage.examined(nameOf(folder), folder === 'local', found),
  })
  const db = new MendedHyperdb(files, Buffer.from(hyphalink), {
    valueEncoding: 'binary',
    onFolder: (folder, key) => keys.set(folder, key),
    onDamaged: ({ _feed }, block) => {
      frontier.dropped(_feed)
      damage.block(_feed === db.local ? nameOf('local') : `writer ${toHex(_feed.key)}`, block)
    },
    lengthOf: (writer) => frontier.lengthOf(writer),
    onWriter: (writer) => frontier.add(writer),
    onFault: (error) => fail(storageFailed(error)),
  })
  const held = createHeldKeeper({
    localWriter,
    localLength: () => db.local.length,
    progress: () => frontier.progress,
    onChange: progressed,
  })
  const closeFeeds = () =>
    Promise.all(
      [...db._byKey.values()].map(({ _feed }) => new Promise<void>((resolve) => closeFeed(_feed, resolve))),
    )

  const showSeal = async () => {
    if (await seals.refresh(db.source)) for (const replication of replications) replication.sendSeal()
  }

  try {
    const ready = new Promise<void>((resolve, reject) =>
      db.ready((error) => (error ? reject(error) : resolve())),
    )
    await Promise.race([ready, fault])
    frontier.start()
    await Promise.race([frontier.settled(), fault])
  } catch (error) {
    frontier.close()
    await closeFeeds()
    throw storageFailed(error)
  } finally {
    // hyperdb has a copy by now.
    secretKey.fill(0)
  }
  db._localWriter.checked.fetchMissing()
  seals.grown(db.source.length)
  db.source.on('append', () => seals.grown(db.source.length))
  await showSeal()

  const mustBeOpen = () => {
    if (isClosed) throw new HyphaError('CLOSED', 'This database is closed. Open it again.')
  }
  const mustBeWriter = () => {
    mustBeOpen()
    if (frontier.isAuthorised(localWriter)) return
    throw new HyphaError('NOT_A_WRITER', 'This node may not write yet. Ask for authorisation first.')
  }

  /** hyperdb's lock orders writes, but an authorisation is two steps of which nothing may come in between. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run, run)
    last = turn.catch(() => {})
    return turn
  }

  const store = (writes: readonly DatabaseWrite[]): Promise<void> => {
    const blocks = writes.map(({ type, key, value }) => ({ type, key, value: asBuffer(value) }))
    const [first, ...rest] = blocks
    return new Promise((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(storageFailed(error)) : resolve())
      if (!first) resolve()
      else if (rest.length > 0) db.batch(blocks, done)
      else db.put(first.key, first.value, { delete: first.type === 'del' }, done)
    })
  }

  const written = async () => {
    await frontier.reached(db._localWriter, db.local.length)
    // Puts into memory that are awaited one after the other would never let anything else run.
    await giveWay()
  }

  return {
    hyphalink: new Uint8Array(hyphalink),
    discoveryKey: new Uint8Array(hypercoreCrypto.discoveryKey(Buffer.from(hyphalink))),
    localWriter,
    get feeds() {
      return frontier.feeds
    },
    get progress() {
      return frontier.progress
    },
    get heldBy() {
      return held.heldBy
    },
    isAuthorised: (writer) => frontier.isAuthorised(writer),

    async write(writes) {
      writes.forEach(mustFit)
      if (writes.length > MAX_BATCH_ENTRIES) {
        throw new HyphaError(
          'BATCH_TOO_LARGE',
          `A batch holds at most ${MAX_BATCH_ENTRIES} entries. Split it.`,
        )
      }
      await inTurn(async () => {
        mustBeWriter()
        await store(writes)
      })
      await written()
    },

    async authorise(writer, record) {
      mustFit(record)
      if (!isPublicKey(writer) || equalBytes(writer, hyphalink)) {
        throw new HyphaError('WRITER_KEY_INVALID', 'This is not the key of a node. Let the node ask again.')
      }
      await inTurn(async () => {
        mustBeWriter()
        if (!frontier.feeds.includes(toHex(writer)) && frontier.feeds.length >= MAX_FEEDS_PER_CONNECTION) {
          throw new HyphaError(
            'AUTHORISATION_FAILED',
            `A hypha has at most ${MAX_FEEDS_PER_CONNECTION} writers.`,
          )
        }
        // From here on hyperdb lists the feed in our next block, which is the record's.
        await new Promise<void>((resolve, reject) =>
          db._addWriter(Buffer.from(writer), (error) => (error ? reject(storageFailed(error)) : resolve())),
        )
        await store([record])
      })
      await written()
    },

    async readValue(feed, seq) {
      mustBeOpen()
      const writer = db._writers[feed]
      if (!writer || seq < 1 || seq >= frontier.lengthOf(writer)) return undefined
      const [block] = await readInTime(writer.checked.read(seq, seq + 1))
      if (!block) throw damagedValue()
      const value = parseHistoryBlock(block)?.value
      return value && new Uint8Array(value)
    },

    sign: (message) => {
      const { secretKey } = db.local
      if (isClosed || !secretKey) throw new HyphaError('CLOSED', 'This database is closed. Open it again.')
      return libsodium.crypto_sign_detached(message, secretKey)
    },

    replicate(replicationOptions) {
      mustBeOpen()
      const replication: OpenReplication = createReplication({
        id: db.id,
        discoveryKey: db.discoveryKey,
        options: replicationOptions,
        seals,
        onHeld: (bytes) => held.heard(replication, bytes),
        onBegin: () => {
          const { stream } = replication
          if (stream.remoteId) held.met(replication)
          else stream.on('handshake', () => held.met(replication))
          db.replicate({ stream, live: true })
        },
        onFault: report,
      })
      replications.add(replication)
      const gone = () => {
        replications.delete(replication)
        held.gone(replication)
      }
      replication.stream.on('close', gone).on('end', gone)
      if (replicationOptions.isDeferred) replication.stream.greet(db.key, db.discoveryKey)
      else replication.begin()
      return replication
    },

    async close() {
      if (isClosed) return
      isClosed = true
      for (const { stream } of replications) stream.destroy()
      replications.clear()
      held.close()
      await last
      frontier.close()
      await closeFeeds()
    },
  }
}

const damagedValue = (): HyphaError =>
  new HyphaError(
    'STORAGE_DAMAGED',
    'This value is damaged in the storage. It is fetched again from the first device that has it: connect one, and read again.',
  )

const readInTime = async <T>(reading: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storageFailed(new Error('A read took too long'))), READ_TIMEOUT_MS)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** What peers would not take must not be written. */
const mustFit = ({ key, value }: DatabaseWrite): void => {
  if (key.length > MAX_KEY_BYTES / 3 && utf8(key).length > MAX_KEY_BYTES) {
    throw new HyphaError('KEY_INVALID', `A key is at most ${MAX_KEY_BYTES} bytes of UTF-8.`)
  }
  if (value.length > MAX_BLOCK_BYTES - BLOCK_OVERHEAD) {
    throw new HyphaError('VALUE_TOO_LARGE', 'This value is larger than a block may be. Store it in parts.')
  }
}

import { toHex } from '../../protocol/bytes.js'
import { HyphaError } from '../../protocol/errors.js'
import { parseHistoryBlock } from '../../protocol/history-blocks.js'
import { libsodium } from '../libsodium.js'
import type { Storage } from '../storage/storage.js'
import { CausalFrontier } from './causal-frontier.js'
import type { Database, DatabaseEvents } from './database.js'
import { hypercoreCrypto } from './engine.js'
import { fastSodium } from './fast-sodium.js'
import { createDamageReports, damagedValue, lostEntries, OWN_ENTRIES } from './feed-check/damage.js'
import { examinedFiles, holdsAnother } from './feed-check/examined-files.js'
import type { Stop } from './frontier-options.js'
import { createHeldKeeper } from './held.js'
import { MendedHyperdb } from './mended-hyperdb.js'
import { closeFeed, sealOrigin } from './origin-seal.js'
import { changeKey, keyFolder, wipeOldKey } from './own/change-key.js'
import { isWithoutProof } from './own/disputes.js'
import { placeOf } from './own/files.js'
import { forgetUnwritten } from './own/forget-unwritten.js'
import { HEAD_EXTENSION, type HeadLink } from './own/head-link.js'
import { createOwnKeeper } from './own/keeper.js'
import { openOwnFeed } from './own/own-feed.js'
import { openOwnRecord } from './own/record.js'
import { readInTime } from './read-in-time.js'
import { openAgainAndAgain } from './reopening.js'
import { createReplication, type OpenReplication } from './replication.js'
import { createSealKeeper } from './seal-keeper.js'
import { filesWithSecret, isPublicKey, openLocalWriter, storageFailed } from './writer-keys.js'
import { createWriting, type Writing } from './writing.js'
import { oncePerMacrotask } from './yielding.js'

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

/**
 * Opens a hypha's database on hyperdb 3.5.0 with everything of it mended. Resolves when all the history that is stored and
 * not waiting for blocks has been delivered to `events.entries`.
 *
 * @throws HyphaError HYPHALINK_INVALID, STORAGE_OF_ANOTHER_HYPHA, STORAGE_FAILED, FEED_CORRUPT, OPTION_INVALID
 */
export const openDatabase = (options: DatabaseOptions): Promise<Database> =>
  openAgainAndAgain(options, openOnce)

const openOnce = async (options: DatabaseOptions & { readonly reopen: () => void }): Promise<Database> => {
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
  const record = await openOwnRecord(storage)
  await changeKey(storage, record).catch((error) => {
    throw storageFailed(error)
  })
  const keysIn = keyFolder(record)
  const { publicKey, secretKey, isReplaced } = await openLocalWriter(
    storage,
    () => forgetUnwritten(storage, record),
    keysIn,
  )
  const localWriter = toHex(publicKey)

  let isClosed = false
  let writing: Writing | undefined
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
  const damage = createDamageReports(report)
  if (isReplaced) damage.replaced()
  await wipeOldKey(storage, record).catch(report)
  const own = await openOwnFeed({
    storage,
    record,
    publicKey,
    secretKey,
    onExamined: (found) => damage.examined(OWN_ENTRIES, found),
    onRecordLost: damage.recordLost,
    onLost: (entries) => report(lostEntries(entries)),
  }).catch((error) => {
    throw storageFailed(error)
  })
  const { generation, keys: keysFolder } = record.current
  const files = filesWithSecret(storage, secretKey, keysIn)

  const frontier = new CausalFrontier({
    isPublicKey,
    learn: (writer, seq) =>
      new Promise((resolve, reject) => writer.get(seq, (error) => (error ? reject(error) : resolve()))),
    onEntries(entries) {
      // What waited to be let in is shown as it is in the feed from then on.
      if (writing?.isOver) options.reopen()
      tell(() => events.entries(entries, frontier.feeds, localWriter))
      if (entries.some(({ feed }) => feed === 0)) void showSeal()
    },
    onStopped: (feed, seq, stop) => report(stoppedFeed(feed, seq, stop)),
    onProgress: () => {
      progressed()
      held.progressed()
    },
  })

  const keys = new Map<string, Uint8Array>([['local', publicKey]])
  const nameOf = (folder: string) => {
    const key = toHex(keys.get(folder) ?? new Uint8Array(0))
    return folder === 'source' ? 'the origin' : folder === 'local' ? OWN_ENTRIES : `writer ${key}`
  }
  const examined = examinedFiles({
    file: (name) => files(placeOf(name, generation, keysFolder ?? 0)),
    // The own feed has been looked at by then.
    keyOf: (folder) => (folder === 'local' ? undefined : keys.get(folder)),
    onExamined: (folder, found) => damage.examined(nameOf(folder), found),
  })
  const db = new MendedHyperdb(examined, Buffer.from(hyphalink), {
    valueEncoding: 'binary',
    onFolder: (folder, key) => keys.set(folder, key),
    onDamaged: ({ _feed }, block) => {
      frontier.dropped(_feed)
      damage.block(_feed === db.local ? nameOf('local') : `writer ${toHex(_feed.key)}`, block)
    },
    lengthOf: (writer) => frontier.lengthOf(writer),
    onWriter: (writer) => frontier.add(writer),
    onFault: (error) => fail(storageFailed(error)),
    beforeWriting: () => frontier.learned(),
    beforeAnnouncing: (length) => keeper.cover(length),
  })
  const held = createHeldKeeper({
    localWriter,
    localLength: () => db.local.length,
    progress: () => frontier.progress,
    async read(feed, block) {
      const writer = db._byKey.get(toHex(feed))
      return writer?._feed.has(block) ? (await writer.checked.read(block, block + 1))[0] : undefined
    },
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
    await own.close()
    throw storageFailed(error)
  } finally {
    // hyperdb has a copy by now.
    secretKey.fill(0)
  }
  const keeper = createOwnKeeper({
    storage,
    own,
    publicKey,
    local: db.local,
    feedOf: (key) => db._byKey.get(toHex(key))?._feed,
    onChange: progressed,
    reopen: () => tell(options.reopen),
    keyGone: () => tell(() => events.keyGone?.()),
    report: (error) => report(storageFailed(error)),
  })
  db._localWriter.checked.fetchMissing()
  seals.grown(db.source.length)
  db.source.on('append', () => seals.grown(db.source.length))
  await showSeal()

  const mustBeOpen = () => {
    if (isClosed) throw new HyphaError('CLOSED', 'This database is closed. Open it again.')
  }
  writing = createWriting({
    db,
    frontier,
    own,
    hyphalink,
    localWriter,
    mustBeOpen,
    mending: () => keeper.mending,
    show: (entries) => tell(() => events.entries(entries, frontier.feeds, localWriter)),
  })
  await writing.begin()

  return {
    hyphalink: new Uint8Array(hyphalink),
    discoveryKey: new Uint8Array(hypercoreCrypto.discoveryKey(Buffer.from(hyphalink))),
    localWriter,
    get feeds() {
      return frontier.feeds
    },
    get progress() {
      const { mending } = keeper
      return mending
        ? frontier.progress.map((feed) =>
            feed.writer === localWriter ? { ...feed, proven: Math.max(feed.proven, mending.need + 1) } : feed,
          )
        : frontier.progress
    },
    get heldBy() {
      return keeper.mending ? 0 : held.heldBy
    },
    get mending() {
      return keeper.mending
    },
    isAuthorised: (writer) => frontier.isAuthorised(writer),

    write: writing.write,
    authorise: writing.authorise,

    async readValue(feed, seq) {
      mustBeOpen()
      const writer = db._writers[feed]
      if (writer === db._localWriter && seq >= db.local.length) return writing.readWaiting(seq)
      if (!writer || seq < 1 || seq >= frontier.lengthOf(writer)) return undefined
      const [block] = await readInTime(writer.checked.read(seq, seq + 1))
      if (!block) throw damagedValue()
      const value = parseHistoryBlock(block)?.value
      return value && new Uint8Array(value)
    },

    get changedKey() {
      const { news } = record.current
      return keysFolder === undefined ? undefined : { isNews: news !== undefined, wasWriter: news === true }
    },
    changedKeyTold: () => record.update({ news: undefined }),
    letKeyGo: () => keeper.letKeyGo(frontier.isAuthorised(localWriter)),
    keyIsKept: keeper.keyIsKept,
    takeKeyBack: keeper.takeKeyBack,
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
        onProof: (bytes) => held.heardProof(replication, bytes),
        onHead: (bytes) => keeper.heard(link, bytes),
        onClaim: (feed, length) => {
          if (feed.equals(db.local.discoveryKey)) keeper.claimed(link, length)
        },
        contains: (discoveryKey, error) => {
          const feed = db.feeds.find((each) => each !== db.source && each.discoveryKey.equals(discoveryKey))
          if (!feed || !isWithoutProof(error) || !link.supports(HEAD_EXTENSION)) return false
          keeper.dispute(link, feed.key)
          return true
        },
        onBegin: (isTwin) => {
          const { stream } = replication
          const met = () => {
            held.met(replication)
            keeper.met(link, isTwin)
          }
          joinMore = db.follow(stream, (feed) => feed === db.local && !keeper.isAgreed(link))
          if (stream.remoteId) met()
          else stream.on('handshake', met)
        },
        onFault: report,
      })
      let joinMore = () => {}
      const link: HeadLink = {
        send: replication.send,
        supports: replication.supports,
        agreed: () => joinMore(),
        join: (feed) => {
          if (!replication.stream.destroyed) feed.replicate({ stream: replication.stream, live: true })
        },
        end: (error) => replication.stream.destroy(error),
      }
      replications.add(replication)
      keeper.add(link)
      const gone = () => {
        replications.delete(replication)
        held.gone(replication)
        keeper.gone(link)
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
      await writing.settled()
      frontier.close()
      await keeper.close()
      await closeFeeds()
    },
  }
}

const stoppedFeed = (feed: string, seq: number, { code, reason, cause }: Stop): HyphaError =>
  new HyphaError(
    code,
    `The feed of writer ${feed} can not be read on from block ${seq}: ${reason}. What it wrote before stays, and other writers are not concerned.`,
    cause && { cause },
  )

import { fromPromise } from 'xstate'
import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database, DatabaseEvents } from '../adapters/database/database.js'
import type { Storage } from '../adapters/storage/storage.js'
import type { ToldMemory } from '../adapters/storage/told-memory.js'
import type { Entrance, OpenedHypha } from '../machines/node.js'
import { fromHex, toHex } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { discoveryKeyOf } from '../protocol/hyphalink.js'
import { encodeNodeRecord, nodeRecordKey } from '../protocol/record.js'
import { loadWords } from '../protocol/words.js'
import type { Change } from '../view/types.js'
import { createViews, difference } from '../view/views.js'
import { createChannel } from './channel.js'
import { secureCodec } from './codec.js'
import { createDecode } from './decode.js'
import { createEntries } from './entries.js'
import { createNotices } from './notices.js'
import { createPairings } from './pairing.js'
import { createPresence, type PresenceKeeper } from './presence.js'
import { type NodeServices, rememberFailure, type Session, type SessionChange } from './services.js'
import { createSyncMeter, type SyncMeter } from './sync.js'
import { createTwins, keyChanged } from './twins.js'
import { createWriteAgain } from './write-again.js'

export type OpenDatabase = (options: {
  hyphalink: Uint8Array
  originSecretKey?: Uint8Array
  storage: Storage
  /** Of the storage. */
  folder: string
  events: DatabaseEvents
}) => Promise<Database>

/** Opens what this node has told its person of other devices; `folder` as in {@link OpenDatabase}. */
export type OpenTold = (
  storage: Storage,
  folder: string,
  hash: (bytes: Uint8Array) => Uint8Array,
) => Promise<ToldMemory>

/** The founding writer was authorised by the seal; its record gives it a name. */
const describeFounder = async (services: NodeServices, { database, keyring }: Session): Promise<void> => {
  const self = database.localWriter
  const target = fromHex(self, 32)
  if (!target || !keyring) return
  const record = { boxedName: keyring.sealName(services.name, target), at: services.clock.now(), request: '' }
  const value = encodeNodeRecord(record)
  await database.write([{ type: 'put', key: nodeRecordKey(self, self), value }])
}

/**
 * A folder of its own for each hypha: what a sign-up left that was cut short, before anyone had seen its passphrase, is then in
 * nobody's way.
 */
const folderOf = (hyphalink: Uint8Array, { hash }: Crypto): string =>
  `hypha/${toHex(discoveryKeyOf(hyphalink, hash)).slice(0, FOLDER_DIGITS)}`

const FOLDER_DIGITS = 16
const REQUEST_ID_BYTES = 16

const openSession = async (
  services: NodeServices,
  open: OpenDatabase,
  openTold: OpenTold,
  isSignUp: boolean,
): Promise<Session> => {
  const { vault, storage, clock } = services
  const { keyring } = vault
  const hyphalink = keyring?.hyphalink ?? vault.hyphalink
  if (!hyphalink)
    throw new HyphaError('NOT_OPEN', 'There is nothing to open. Sign up, sign in or give a hyphalink.')
  const originSecretKey = isSignUp ? keyring?.takeOriginSecretKey() : undefined
  keyring?.forgetOrigin()

  // Before anything is open that would have to be closed again.
  const [crypto, words] = await Promise.all([services.crypto(), loadWords(), storage.open?.()])
  const folder = folderOf(hyphalink, crypto)
  const told = await openTold(storage, folder, crypto.hash)
  const decode = createDecode(keyring)
  const views = createViews(decode, (changes) => tellOf(changes))
  const { view } = views
  const listeners = new Set<SessionChange>()
  let session: Session | undefined
  let sync: SyncMeter | undefined
  let writeAgain: (() => void) | undefined
  let presence: PresenceKeeper | undefined

  const tellOf = (changes: readonly Change[]) => {
    if (session) services.watchers.notify(changes, session.entries.read)
  }

  const database = await open({
    hyphalink,
    ...(originSecretKey ? { originSecretKey } : {}),
    storage,
    folder,
    events: {
      entries: (entries, known, own) => {
        const { changes, conflicts, nodesChanged } = views.fold(entries, known, own)
        tellOf(conflicts ? [...changes, ...conflicts] : changes)
        if (nodesChanged) {
          for (const listener of listeners) listener.nodes()
          presence?.reconsider()
          writeAgain?.()
        }
        // Of progress the database tells by itself, once for all that a turn brings.
        services.changed()
      },
      progress: () => {
        sync?.progressed()
        for (const listener of listeners) listener.progress()
        services.changed()
      },
      anew: (isAllHere) => {
        views.anew(isAllHere).then(() => {
          for (const listener of listeners) listener.nodes()
          writeAgain?.()
          services.mended()
          services.changed()
        }, services.report)
      },
      keyGone: () => {
        for (const listener of listeners) listener.keyGone()
      },
      error: services.report,
    },
  })
  sync = createSyncMeter({
    clock,
    progress: () => database.progress,
    view,
    changed: () => services.changed(),
  })
  const twins = createTwins({ crypto, database, now: clock.now, report: services.report })
  writeAgain = createWriteAgain({ database, view, report: services.report })
  writeAgain()
  const keeper = createPresence({
    clock,
    localWriter: database.localWriter,
    isAdmitted: view.isAdmitted,
    announce: (said, links) => channel?.sendPresence(said, links),
    changed: () => services.changed(),
    twins,
    whenLeft: services.whenLeft,
  })
  presence = keeper
  const entries = createEntries({ database, view, keyring, decode, now: clock.now })
  services.heard.isAdmitted = view.isAdmitted
  const channel =
    keyring &&
    createChannel({
      codec: secureCodec(keyring),
      crypto,
      database,
      isAdmitted: view.isAdmitted,
      name: services.name,
      clock,
      words,
      traces: services.traces,
      presence: keeper,
      onMessage: (message) => services.events.emit('message', message),
      nameOf: (writer) => view.nodes().find(({ writerKey }) => writerKey === writer)?.name,
      heard: services.heard,
      report: services.report,
      onMisbehaviour: ({ connection }, reason) =>
        services.report(
          new HyphaError(
            'PEER_MISBEHAVED',
            `The peer at ${connection.address} sends messages that are not valid (${reason}). They are dropped; nothing needs to be done.`,
          ),
        ),
    })
  session = {
    database,
    view,
    entries,
    keyring,
    channel,
    presence: keeper,
    notices: createNotices({
      view,
      localWriter: database.localWriter,
      memory: told,
      sync,
      // In a turn of its own: it may be learnt of in the middle of a transition.
      tell: (device) => queueMicrotask(() => services.events.emit('device-admitted', device)),
      changed: () => services.changed(),
      report: services.report,
    }),
    sync,
    pairings: createPairings({
      crypto,
      database,
      now: clock.now,
      twins,
      onChange: (writerKey, isMet) => (isMet ? services.changed() : keeper.parted(writerKey)),
    }),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return session
}

/**
 * What this node asks under a new key: to be let in, if it could write or had asked with the one before. Its question is another one, as it
 * is about another key.
 */
const askAnew = async (
  { memory, report, viewBefore, watchers, ...services }: NodeServices,
  { database, view, entries, channel }: Session,
): Promise<{ requestId?: string }> => {
  const { changedKey } = database
  if (!changedKey) return {}
  // Before anything can be told of what the other one wrote.
  if (viewBefore) watchers.notify(difference(viewBefore, view), entries.read)
  if (channel) report(keyChanged())
  if (!changedKey.isNews) return {}
  const asks = channel && (changedKey.wasWriter || memory.request !== undefined)
  const requestId = asks ? toHex((await services.crypto()).randomBytes(REQUEST_ID_BYTES)) : undefined
  await memory.keepRequest(requestId)
  await database.changedKeyTold()
  return requestId === undefined ? {} : { requestId }
}

/** Opens the database and the view over it; at sign-up the origin is sealed and the founding writer describes itself. */
export const createOpenDatabase = (services: NodeServices, open: OpenDatabase, openTold: OpenTold) =>
  fromPromise<OpenedHypha, Entrance>(({ input, signal }) =>
    rememberFailure(services, async () => {
      if (signal.aborted) throw new HyphaError('CLOSED', 'This node has been closed. Create another one.')
      const isSignUp = input.by === 'signUp'
      if (input.by !== 'storage') services.cameBy = input.by
      const session = await openSession(services, open, openTold, isSignUp)
      services.session = session
      if (isSignUp) await describeFounder(services, session)
      const { database, view, channel } = session
      const mayWrite = view.isAdmitted(database.localWriter) && database.isAuthorised(database.localWriter)
      // Whoever has another key than the one that signed up was let in like any other.
      const isOrigin = services.cameBy === 'signUp' && !database.changedKey
      const role = mayWrite ? (isOrigin ? 'origin' : 'writer') : 'reader'
      const request = mayWrite ? {} : await askAnew(services, session)
      return { role, hasChannel: channel !== undefined, ...request }
    }),
  )

import { Duplex } from 'node:stream'
import { HyphaError } from '../../protocol/errors.js'
import type { Database, DatabaseEvents, Replication } from './database.js'
import { storageFailed } from './writer-keys.js'

interface Options {
  readonly events: DatabaseEvents
  readonly originSecretKey?: Uint8Array
}

/** While there is no database to replicate: a replication that ends at once, so that its link is dialled again. */
const endedReplication = (): Replication => {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() })
  queueMicrotask(() => stream.destroy())
  return {
    stream,
    send: () => false,
    supports: () => false,
    begin() {},
    probe() {},
    blocksReceived: 0,
    blocksSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    bytesWaiting: 0,
  }
}

const isClosedError = (error: unknown): boolean => error instanceof HyphaError && error.code === 'CLOSED'

/**
 * A database that closes and opens itself again when the one below asks for it: what a feed was fetched for takes its place
 * while nothing is open. Replications end and are begun anew, writes wait, and what was told is told again.
 */
export const openAgainAndAgain = async <O extends Options>(
  options: O,
  open: (options: O & { readonly reopen: () => void }) => Promise<Database>,
): Promise<Database> => {
  const { events } = options
  let isClosed = false
  /** Set while it is closed and opened again; rejects when it can't be. */
  let reopening: Promise<void> | undefined
  let runs = 0

  const openOne = (how: O): Promise<Database> => {
    const run = ++runs
    return open({
      ...how,
      reopen: () => {
        // Not within what the database is doing now.
        queueMicrotask(() => {
          if (run === runs && !isClosed && !reopening) reopen()
        })
      },
    })
  }
  const reopen = () => {
    reopening = again()
    reopening.then(
      () => {
        reopening = undefined
        events.progress()
      },
      (error: Error) => events.error(error),
    )
  }
  const again = async () => {
    await inner.close()
    if (isClosed) return
    let arrived = () => {}
    events.anew?.(
      new Promise((resolve) => {
        arrived = resolve
      }),
    )
    const { originSecretKey, ...rest } = options
    inner = await openOne(rest as O).catch((error) => {
      throw storageFailed(error)
    })
    arrived()
    if (isClosed) await inner.close()
  }
  let inner = await openOne(options)

  /** What is asked meanwhile is asked of the next one. */
  const ask = async <T>(run: (database: Database) => Promise<T>): Promise<T> => {
    for (;;) {
      await reopening
      const asked = inner
      try {
        return await run(asked)
      } catch (error) {
        // It was closed before anything of this was done.
        if (isClosed || !isClosedError(error) || (!reopening && asked === inner)) throw error
      }
    }
  }

  return {
    hyphalink: inner.hyphalink,
    discoveryKey: inner.discoveryKey,
    localWriter: inner.localWriter,
    get feeds() {
      return inner.feeds
    },
    get progress() {
      return inner.progress
    },
    get heldBy() {
      return reopening ? 0 : inner.heldBy
    },
    get mending() {
      return inner.mending
    },
    isAuthorised: (writer) => inner.isAuthorised(writer),
    write: (writes) => ask((database) => database.write(writes)),
    authorise: (writer, record) => ask((database) => database.authorise(writer, record)),
    readValue: (feed, seq) => {
      const run = runs
      // Of the one before: who asks looks again where it is now.
      return ask(async (database) => (run === runs ? database.readValue(feed, seq) : undefined))
    },
    get changedKey() {
      return inner.changedKey
    },
    changedKeyTold: () => ask((database) => database.changedKeyTold()),
    letKeyGo: () => ask((database) => database.letKeyGo()),
    keyIsKept: () => ask((database) => database.keyIsKept()),
    takeKeyBack: () => ask((database) => database.takeKeyBack()),
    sign: (message) => inner.sign(message),
    replicate: (how) => (reopening ? endedReplication() : inner.replicate(how)),
    async close() {
      isClosed = true
      await reopening?.catch(() => {})
      await inner.close()
    },
  }
}

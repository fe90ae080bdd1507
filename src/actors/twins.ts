import type { Crypto } from '../adapters/crypto/crypto.js'
import type { Database } from '../adapters/database/database.js'
import { toHex } from '../protocol/bytes.js'
import { HyphaError } from '../protocol/errors.js'
import { meetTwin, newRun, RUN_BYTES, runThatLetsGo } from '../protocol/run-id.js'

/** Other nodes that have this one's key, because a storage was copied. */
export interface Twins {
  /** What tells this run of the node from others; hex. It changes when the node lets its key go, or takes it back. */
  readonly run: string
  /** Whether it is, or was, this node's. */
  isOwn(run: string): boolean
  readonly letsGo: boolean
  /**
   * Another node has proven that it has the key, and that it is there now: it signed what this run had chosen at random.
   * @param own this node's run, as that one knows it @param other hex
   */
  met(own: string, other: string): void
  /** One of an older version is there, which doesn't say by what it could be decided. */
  heardOfOne(): void
}

const COPIED = 'Another device writes with the key of this one, because the storage of one was copied.'

const SENTENCES = {
  keeps: `${COPIED} This one was opened first and keeps the key. The other one gets a new key and asks to be let in: say yes if it is yours.`,
  yields: `${COPIED} This one was opened later, so it gets a key of its own: first it fetches what the other one wrote, then it asks to be let in. Keep both connected; nothing is lost.`,
  older: `${COPIED} The other one runs an older version of hypha-runtime. Empty the storage of one of the two, sign in there again and let it in: it has a key of its own then.`,
} as const

const shared = (reason: keyof typeof SENTENCES): HyphaError =>
  new HyphaError('WRITER_SHARED', SENTENCES[reason], { reason })

/** What a person reads until this device is let in under its new key. */
export const keyChanged = (): HyphaError =>
  new HyphaError(
    'WRITER_SHARED',
    'The key of this device was also another one’s, because a storage was copied, so this one has a new key. It may write once it is let in again: say yes on a device that may write, as the one that kept the key. What was written here is all here, and reaches the others then.',
    { reason: 'changed' },
  )

export const createTwins = (about: {
  readonly crypto: Pick<Crypto, 'randomBytes'>
  readonly database: Pick<Database, 'mending' | 'letKeyGo' | 'keyIsKept' | 'takeKeyBack'>
  readonly now: () => number
  readonly report: (error: unknown) => void
}): Twins => {
  const { crypto, database, now, report } = about
  const begun = () => toHex(newRun(now(), crypto.randomBytes(RUN_BYTES)))
  const letting = () => toHex(runThatLetsGo(crypto.randomBytes(RUN_BYTES)))
  let letsGo = database.mending?.reason === 'shared'
  let run = letsGo ? letting() : begun()
  const runs = new Set([run])
  const told = new Set<string>()

  const tell = (reason: keyof typeof SENTENCES) => {
    if (told.has(reason)) return
    told.add(reason)
    report(shared(reason))
  }
  const change = (next: string) => {
    run = next
    runs.add(next)
  }

  if (letsGo) tell('yields')

  return {
    get run() {
      return run
    },
    get letsGo() {
      return letsGo
    },
    isOwn: (other) => runs.has(other),
    met(own, other) {
      // What was said to a run that is over decides nothing.
      if (own !== run || runs.has(other)) return
      switch (meetTwin(own, other)) {
        case 'keeps':
          return tell('keeps')
        case 'yields':
          letsGo = true
          change(letting())
          tell('yields')
          database.letKeyGo().catch(report)
          return
        case 'goes':
          database.keyIsKept().catch(report)
          return
        case 'returns':
          letsGo = false
          change(begun())
          database.takeKeyBack().catch(report)
      }
    },
    heardOfOne: () => tell('older'),
  }
}

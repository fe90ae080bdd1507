import type { Keyring } from '../adapters/crypto/keyring.js'
import type { Database, DatabaseWrite } from '../adapters/database/database.js'
import type { Entry, JsonValue, Write } from '../api.js'
import { encodeEntry, privateEntryKey } from '../protocol/entry.js'
import { HyphaError } from '../protocol/errors.js'
import { checkBatch, checkWrite } from '../protocol/writes.js'
import { freeze } from '../view/freeze.js'
import type { Decode, Version } from '../view/types.js'
import type { View } from '../view/view.js'

export interface EntriesOptions {
  readonly database: Database
  readonly view: View
  readonly keyring: Keyring | undefined
  readonly decode: Decode
  readonly now: () => number
}

/** Reads from the view, writes to the database. Who may write is the machine's to say, before. */
export const createEntries = ({ database, view, keyring, decode, now }: EntriesOptions) => {
  /** Where puts that the view does not know of yet have their names: a deletion right behind them means these too. */
  const underway = new Map<string, { count: number; places: Set<boolean> }>()

  /** The value of a version, from storage if the view left it there. */
  const read = async (name: string, version: Version): Promise<JsonValue | undefined> => {
    const { pointer } = version
    if (!pointer) return version.value as JsonValue
    const bytes = await database.readValue(pointer.feed, pointer.seq)
    if (!bytes) {
      // History came again meanwhile, and it lies elsewhere now.
      const now = view.get(name)
      return now && now !== version && now.time === version.time ? read(name, now) : undefined
    }
    const entry = decode({ ...pointer, ...placeOf(version.writtenAs ?? name, version.public), value: bytes })
    return entry?.kind === 'entry' ? freeze(entry.value as JsonValue | undefined) : undefined
  }

  const placeOf = (name: string, isPublic: boolean) => ({
    key: isPublic || !keyring ? name : privateEntryKey(keyring.hashName(name)),
    deleted: false,
    clock: [],
    authorised: [],
  })

  const seal = (write: Write, deleted: boolean, isPublic: boolean, time: number): DatabaseWrite => {
    const type = deleted ? 'del' : 'put'
    const value = deleted ? undefined : write.value
    return keyring && !isPublic
      ? { type, ...keyring.sealEntry(write.key, value, deleted, time) }
      : { type, key: write.key, value: encodeEntry({ deleted, value, time }) }
  }

  /**
   * A name lives in one place: under its own name when public, under its hash when private. Writing it in one deletes it in
   * the other, and first, so that no reader keeps what is no longer there.
   */
  const encode = (write: Write, time: number): DatabaseWrite[] => {
    checkWrite(write)
    const places = new Set([
      ...view.getAll(write.key).map((version) => version.public),
      ...(underway.get(write.key)?.places ?? []),
    ])
    if (write.type === 'del') return [...places].map((place) => seal(write, true, place, time))
    const goesPublic = write.public === true
    const elsewhere = places.has(!goesPublic) ? [seal(write, true, !goesPublic, time)] : []
    const encoded = [...elsewhere, seal(write, false, goesPublic, time)]
    const mark = underway.get(write.key) ?? { count: 0, places: new Set() }
    underway.set(write.key, mark)
    mark.count++
    mark.places.add(goesPublic)
    return encoded
  }

  const settle = (writes: readonly Write[]) => {
    for (const { type, key } of writes) {
      const mark = type === 'put' ? underway.get(key) : undefined
      if (mark && --mark.count === 0) underway.delete(key)
    }
  }

  return {
    async get(key: string): Promise<JsonValue | undefined> {
      const version = view.get(key)
      return version && read(key, version)
    },

    async getAll(key: string): Promise<JsonValue[]> {
      const values = await Promise.all(view.getAll(key).map((version) => read(key, version)))
      return values.filter((value) => value !== undefined)
    },

    async *entries(prefix: string): AsyncIterableIterator<Entry> {
      for (const [key, version] of view.entries(prefix)) {
        const value = await read(key, version).catch(skipDamaged)
        if (value === undefined) continue
        const { author, time } = version
        yield { key, value, author, time, public: version.public }
      }
    },

    read,

    /** @throws HyphaError KEY_INVALID, VALUE_INVALID, VALUE_TOO_LARGE, BATCH_TOO_LARGE, and what the database throws */
    async write(writes: readonly Write[]): Promise<void> {
      checkBatch(writes)
      const time = now()
      const marked: Write[] = []
      try {
        const encoded = writes.flatMap((write) => {
          const blocks = encode(write, time)
          marked.push(write)
          return blocks
        })
        if (encoded.length > 0) await database.write(encoded)
      } finally {
        settle(marked)
      }
    },
  }
}

/** One that the disk damaged is told of as the node's error, and fetched again: a list goes on without it. */
const skipDamaged = (error: unknown): undefined => {
  if (error instanceof HyphaError && error.code === 'STORAGE_DAMAGED') return undefined
  throw error
}

export type Entries = ReturnType<typeof createEntries>

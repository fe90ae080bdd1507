import type { RandomAccess, Storage } from '../../adapters/storage/storage.js'
import type { ContractCase } from './checks.js'
import { close, del, read, readText, write } from './file-operations.js'

/** Where storages keep what they are given: one folder, one name in a browser, one memory. */
export interface StoragePlace {
  /** One more storage object for this place; in memory always the same. */
  storage(): Storage
  /** Removes what the cases leave there. */
  end?(): Promise<void>
}

export interface StorageContractOptions {
  /** Whether what is stored is there for another storage object on the same place: true unless given. */
  readonly persists?: boolean
}

interface Promised {
  readonly name: string
  /** Asked only of storages that keep things. */
  readonly ofThoseThatPersist?: boolean
  run(place: StoragePlace, options: Required<StorageContractOptions>): Promise<void>
}

const same = (found: unknown, expected: unknown, what: string): void => {
  if (found !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`)
}

const fails = async (promise: Promise<unknown>, what: string): Promise<void> => {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error(`${what}: expected an error, found ${String(outcome)}`)
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: { code?: unknown }) => error.code,
  )

const opened = async (place: StoragePlace): Promise<Storage> => {
  const storage = place.storage()
  await storage.open?.()
  return storage
}

/** Bytes that differ from place to place. */
const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255)

const sameBytes = (found: Uint8Array, expected: Uint8Array, what: string): void => {
  same(found.length, expected.length, `${what}, length`)
  const at = expected.findIndex((byte, i) => byte !== found[i])
  if (at >= 0) throw new Error(`${what}: differs at ${at}`)
}

/** Runs with a storage that is open, and closes it. */
const using =
  (run: (storage: Storage, options: Required<StorageContractOptions>) => Promise<void>): Promised['run'] =>
  async (place, options) => {
    const storage = await opened(place)
    try {
      await run(storage, options)
    } finally {
      await storage.close()
    }
  }

const PROMISES: readonly Promised[] = [
  {
    name: 'the same name gives the same bytes, over close and opening again; folders are names',
    run: using(async (storage) => {
      const file = storage.file('a/b')
      await write(file, 3, 'hello')
      await close(file)
      await fails(read(file, 3, 5), 'reading a closed file')
      await fails(write(file, 3, 'x'), 'writing to a closed file')
      same(await readText(storage.file('a/b'), 3, 5), 'hello', 'read again')
      same(await readText(storage.file('a/b'), 0, 3), '\0\0\0', 'before what was written')
      await fails(read(storage.file('a/c'), 0, 1), 'another file')
      await write(storage.file('a/c/d'), 0, 'deeper')
      same(await readText(storage.file('a/c/d'), 0, 6), 'deeper', 'a folder beside')
    }),
  },
  {
    name: 'reading beyond the end is an error, and makes nothing',
    run: using(async (storage) => {
      const file = storage.file('short')
      await fails(read(file, 0, 1), 'reading what is not there')
      await write(file, 0, 'four')
      await fails(read(file, 0, 5), 'reading one too many')
      await fails(read(file, 4, 1), 'reading at the end')
      await fails(read(file, 1_000_000, 1), 'reading far beyond')
      same(await readText(file, 0, 4), 'four', 'what is there')
      same((await read(file, 0, 0)).length, 0, 'reading nothing')
    }),
  },
  {
    name: 'big writes at odd offsets, and bytes in between that nobody wrote',
    run: using(async (storage) => {
      const file = storage.file('big')
      const bytes = pattern(300_001, 5)
      await write(file, 70_003, bytes)
      sameBytes(await read(file, 70_003, bytes.length), bytes, 'the whole')
      sameBytes(await read(file, 200_000, 5_000), bytes.subarray(129_997, 134_997), 'a part')
      sameBytes(await read(file, 0, 70_003), new Uint8Array(70_003), 'before it')
      await write(file, 70_000, pattern(7, 9))
      sameBytes(await read(file, 70_000, 7), pattern(7, 9), 'over the edge')
      sameBytes(await read(file, 70_007, 100), bytes.subarray(4, 104), 'behind the edge')
    }),
  },
  {
    name: 'operations happen in the order in which they were asked for',
    run: using(async (storage) => {
      const file = storage.file('order')
      const answers: Promise<unknown>[] = []
      const reads: Promise<string>[] = []
      for (let i = 0; i < 50; i++) {
        answers.push(write(file, i % 7, `${i}`.padStart(8)))
        reads.push(readText(file, i % 7, 8))
      }
      await Promise.all(answers)
      for (const [i, text] of (await Promise.all(reads)).entries())
        same(text, `${i}`.padStart(8), `read ${i}`)
      const finished: number[] = []
      const note = (i: number) => () => void finished.push(i)
      await Promise.all([
        write(file, 0, pattern(500_000, 1)).then(note(0)),
        write(file, 0, 'b').then(note(1)),
        read(file, 0, 1).then(note(2)),
      ])
      same(finished.join(), '0,1,2', 'acknowledged in order')
    }),
  },
  {
    name: 'the bytes that were given are written, whatever they are a part of',
    run: using(async (storage) => {
      const file = storage.file('views')
      const whole = pattern(1_000, 3)
      await Promise.all([write(file, 0, whole.subarray(100, 200)), write(file, 100, whole.subarray(900))])
      sameBytes(await read(file, 0, 100), whole.subarray(100, 200), 'the first')
      sameBytes(await read(file, 100, 100), whole.subarray(900), 'the second')
      same(whole.length, 1_000, 'they stay with their owner')
    }),
  },
  {
    name: 'what is deleted up to the end is gone, and what follows it stays',
    run: using(async (storage) => {
      const file = storage.file('cut')
      await del(file, 0, 10)
      await write(file, 0, pattern(10_000, 1))
      await del(file, 5_000, Number.POSITIVE_INFINITY)
      await fails(read(file, 5_000, 1), 'reading what is gone')
      sameBytes(await read(file, 0, 5_000), pattern(10_000, 1).subarray(0, 5_000), 'what stays')
      await write(file, 6_000, 'x')
      sameBytes(await read(file, 5_000, 1_000), new Uint8Array(1_000), 'what was deleted comes back as zeros')
      await del(file, 0, 10)
      same(await readText(file, 6_000, 1), 'x', 'what follows')
      await Promise.all([del(file, 1, 1e9), write(file, 9_000, 'y')])
      sameBytes(await read(file, 1, 8_999), new Uint8Array(8_999), 'deleted and written on at once')
    }),
  },
  {
    name: 'several handles on one file are one file, and closing one closes no other',
    run: using(async (storage) => {
      const [one, other] = [storage.file('shared'), storage.file('shared')]
      await write(one, 0, 'from one')
      same(await readText(other, 0, 8), 'from one', 'the other')
      await close(one)
      await write(other, 0, 'from two')
      await close(other)
      same(await readText(storage.file('shared'), 0, 8), 'from two', 'a third')
      await close(one)
    }),
  },
  {
    name: 'names that lead elsewhere are refused',
    run: using(async (storage, { persists }) => {
      const { isEmpty } = storage
      for (const name of ['../up', '/root', 'a//b', '', 'a/..', './a', 'a\\b', 'a\0b', 'C:/x']) {
        const attempt = async () => write(storage.file(name), 0, 'x')
        if (persists) await fails(attempt(), `the name ${JSON.stringify(name)}`)
      }
      if (persists) same(storage.isEmpty, isEmpty, 'nothing was written')
    }),
  },
  {
    name: 'a storage that holds nothing says so, if it can say anything',
    run: async (place) => {
      const storage = place.storage()
      if (storage.isEmpty !== undefined) same(storage.isEmpty, true, 'at first')
      await storage.open?.()
      await fails(read(storage.file('node/0'), 0, 1), 'looking for something')
      if (storage.isEmpty !== undefined) same(storage.isEmpty, true, 'after looking')
      await write(storage.file('node/0'), 0, 'x')
      if (storage.isEmpty !== undefined) same(storage.isEmpty, false, 'at last')
      await storage.close()
    },
  },
  {
    name: 'what was acknowledged is there for another storage object, and after closing and opening',
    ofThoseThatPersist: true,
    run: async (place) => {
      const first = await opened(place)
      await Promise.all([
        write(first.file('deep/er/file'), 10, 'kept'),
        write(first.file('top'), 0, 'kept too'),
      ])
      await first.close()
      await first.close()
      const second = await opened(place)
      same(await readText(second.file('deep/er/file'), 10, 4), 'kept', 'another object')
      await second.close()
      await first.open?.()
      await first.open?.()
      same(await readText(first.file('top'), 0, 8), 'kept too', 'the same object')
      await first.close()
    },
  },
  {
    name: 'closing waits for what was asked for, and ends all handles',
    ofThoseThatPersist: true,
    run: async (place) => {
      const storage = await opened(place)
      const file: RandomAccess = storage.file('file')
      const writing = write(file, 0, pattern(200_000, 2))
      await Promise.all([writing, storage.close()])
      await fails(read(file, 0, 1), 'a handle of a closed storage')
      await fails((async () => read(storage.file('file'), 0, 1))(), 'a file of a closed storage')
      const again = await opened(place)
      sameBytes(await read(again.file('file'), 0, 200_000), pattern(200_000, 2), 'what was asked for')
      await again.close()
    },
  },
  {
    name: 'only one has it at a time, whoever else asks is told, and it can be had afterwards',
    ofThoseThatPersist: true,
    run: async (place) => {
      const first = await opened(place)
      const second = place.storage()
      same(await codeOf(second.open?.() ?? Promise.resolve()), 'STORAGE_LOCKED', 'the second')
      await write(first.file('still'), 0, 'works')
      await first.close()
      await second.open?.()
      same(await readText(second.file('still'), 0, 5), 'works', 'the second, afterwards')
      await second.close()
    },
  },
  {
    name: 'what is wrapped here can be unwrapped here later, and nowhere else; what was changed is not taken',
    ofThoseThatPersist: true,
    run: async (place) => {
      const storage = await opened(place)
      const { wrapping } = storage
      if (!wrapping) throw new Error('A storage that keeps things wraps secrets')
      const secret = pattern(64, 8)
      const wrapped = await wrapping.wrap(secret)
      sameBytes(secret, pattern(64, 8), 'the secret stays as it was')
      const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)
      if (text(wrapped).includes(text(secret.subarray(0, 8)))) throw new Error('The secret shows')
      if (text(await wrapping.wrap(secret)) === text(wrapped)) throw new Error('Wrapped twice it is the same')
      for (let i = 0; i < wrapped.length; i++) {
        const changed = new Uint8Array(wrapped)
        changed[i] = (changed[i] ?? 0) ^ 1
        same(await wrapping.unwrap(changed), undefined, `byte ${i} changed`)
      }
      same(await wrapping.unwrap(wrapped.subarray(0, 20)), undefined, 'cut short')
      same(await wrapping.unwrap(new Uint8Array(0)), undefined, 'nothing')
      await storage.close()
      await fails(wrapping.unwrap(wrapped), 'unwrapping while closed')
      const again = await opened(place)
      sameBytes((await again.wrapping?.unwrap(wrapped)) ?? new Uint8Array(0), secret, 'later')
      sameBytes(
        (await again.wrapping?.unwrap(await again.wrapping.wrap(new Uint8Array(0)))) ?? secret,
        new Uint8Array(0),
        'an empty secret',
      )
      await again.close()
    },
  },
]

/**
 * What every storage must do, as cases for any test runner, in Node or in a page. A storage that passes can keep hyphas. Each
 * case asks for a place of its own, and throws what is wrong.
 *
 * ```ts
 * const createPlace = () => ({ storage: () => myStorage(newFolder()) })
 * for (const { name, run } of storageContract(createPlace)) test(name, run)
 * ```
 */
export const storageContract = (
  createPlace: () => StoragePlace | Promise<StoragePlace>,
  { persists = true }: StorageContractOptions = {},
): readonly ContractCase[] =>
  PROMISES.filter(({ ofThoseThatPersist = false }) => persists || !ofThoseThatPersist).map(
    ({ name, run }) => ({
      name,
      run: async () => {
        const place = await createPlace()
        try {
          await run(place, { persists })
        } finally {
          await place.end?.()
        }
      },
    }),
  )

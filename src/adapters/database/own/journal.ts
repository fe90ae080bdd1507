import { concat, equalBytes, fromUtf8, utf8 } from '../../../protocol/bytes.js'
import { MAX_BLOCK_BYTES, MAX_KEY_BYTES } from '../../../protocol/limits.js'
import { libsodium } from '../../libsodium.js'
import type { RandomAccess } from '../../storage/storage.js'
import type { DatabaseWrite } from '../database.js'
import { promised } from '../promised.js'

/** One block of the own feed that waits to be written. What is private in it is sealed, as it will be in the feed. */
export interface Waiting {
  readonly write: DatabaseWrite
  /** The writer that it authorises, if it does. 32 bytes. */
  readonly authorises?: Uint8Array | undefined
  /** The next one belongs to the same batch. */
  readonly isJoined: boolean
}

/** Blocks that wait, in order, each stored before it is acknowledged. They are read again one by one: they may be many. */
export interface Journal {
  readonly length: number
  read(index: number): Promise<Waiting>
  /** Resolves when all are stored: all of them, or none, are there after a kill. */
  append(waiting: readonly Waiting[]): Promise<void>
  empty(): Promise<void>
  close(): Promise<void>
}

const JOINED = 1
const DELETES = 2
const AUTHORISES = 4
const WRITER_BYTES = 32
const HASH_BYTES = 16
/** Length of the body (4 bytes), and its hash. */
const HEAD_BYTES = 4 + HASH_BYTES
const MAX_BODY_BYTES = 3 + WRITER_BYTES + MAX_KEY_BYTES + MAX_BLOCK_BYTES

const encode = ({ write, authorises, isJoined }: Waiting): Uint8Array => {
  const key = utf8(write.key)
  const flags = (isJoined ? JOINED : 0) | (write.type === 'del' ? DELETES : 0) | (authorises ? AUTHORISES : 0)
  const start = Uint8Array.of(flags, key.length >> 8, key.length & 255)
  const body = concat(start, key, authorises ?? new Uint8Array(0), write.value)
  const head = new Uint8Array(HEAD_BYTES)
  new DataView(head.buffer).setUint32(0, body.length)
  head.set(hash(body), 4)
  return concat(head, body)
}

const decode = (body: Uint8Array): Waiting => {
  const [flags = 0, high = 0, low = 0] = body
  const keyEnd = 3 + high * 256 + low
  const valueAt = keyEnd + (flags & AUTHORISES ? WRITER_BYTES : 0)
  return {
    write: {
      type: flags & DELETES ? 'del' : 'put',
      key: fromUtf8(body.subarray(3, keyEnd)),
      value: body.subarray(valueAt),
    },
    ...(flags & AUTHORISES ? { authorises: body.subarray(keyEnd, valueAt) } : {}),
    isJoined: (flags & JOINED) !== 0,
  }
}

const hash = (bytes: Uint8Array): Uint8Array => libsodium.crypto_generichash(HASH_BYTES, bytes, null)

/** Undefined when so much isn't there. */
const readBytes = (file: RandomAccess, offset: number, size: number): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => file.read(offset, size, (error, bytes) => resolve(error ? undefined : bytes)))

/** The body at an offset, if it is whole. */
const readBody = async (file: RandomAccess, offset: number): Promise<Uint8Array | undefined> => {
  const head = await readBytes(file, offset, HEAD_BYTES)
  if (!head) return undefined
  const length = new DataView(head.buffer, head.byteOffset, HEAD_BYTES).getUint32(0)
  if (length < 3 || length > MAX_BODY_BYTES) return undefined
  const body = await readBytes(file, offset + HEAD_BYTES, length)
  return body && equalBytes(hash(body), head.subarray(4)) ? new Uint8Array(body) : undefined
}

/** Opens what was stored last time: up to the first that is not whole, which nobody was told that it is stored. */
export const openJournal = async (file: RandomAccess): Promise<Journal> => {
  const offsets: number[] = []
  let end = 0
  let next = 0
  let whole = 0
  for (;;) {
    const body = await readBody(file, next)
    if (!body) break
    offsets.push(next)
    next += HEAD_BYTES + body.length
    if (decode(body).isJoined) continue
    whole = offsets.length
    end = next
  }
  // A batch that was cut short.
  offsets.length = whole

  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run)
    last = turn.catch(() => {})
    return turn
  }
  return {
    get length() {
      return offsets.length
    },
    async read(index) {
      const offset = offsets[index]
      const body = offset === undefined ? undefined : await readBody(file, offset)
      if (!body) throw new Error('An entry of the journal can not be read')
      return decode(body)
    },
    append: (waiting) =>
      inTurn(async () => {
        const items = waiting.map(encode)
        await promised<void>((callback) => file.write(end, Buffer.from(concat(...items)), callback))
        for (const item of items) {
          offsets.push(end)
          end += item.length
        }
      }),
    empty: () =>
      inTurn(async () => {
        await promised<void>((callback) => file.del(0, Number.POSITIVE_INFINITY, callback))
        offsets.length = 0
        end = 0
      }),
    close: () => inTurn(() => promised<void>((callback) => file.close(callback))),
  }
}

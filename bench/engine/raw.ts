import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import Hyperdb from 'hyperdb'
import ram from 'random-access-memory'
import { fastSigning, fastSodium } from '../../src/adapters/database/fast-sodium.js'
import { keyOf, type Place, type Subject, sampleOf, stopwatch } from './subject.js'

type Callback<T> = (error: Error | null, value?: T) => void

const promised = <T>(run: (callback: Callback<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value as T)))
  })

const open = async (folder: string | undefined, key: Buffer | null): Promise<Hyperdb> => {
  // As the runtime's memory; on disk hyperdb's own random-access-file.
  const db = new Hyperdb(folder ?? (() => ram({ pageSize: 32 * 1024 })), key, { valueEncoding: 'binary' })
  await promised((callback) => db.ready(callback))
  return db
}

const close = async (db: Hyperdb): Promise<void> => {
  for (const feed of db.feeds) await promised<void>((callback) => feed.close(callback))
}

const encode = (i: number): Buffer => Buffer.from(JSON.stringify(sampleOf(i)))
const decode = (bytes: Buffer | null | undefined): unknown =>
  bytes ? JSON.parse(bytes.toString()) : undefined

const list = async (db: Hyperdb): Promise<number> => {
  const nodes = await promised<{ value?: Buffer | null }[][]>((callback) => db.list(callback))
  let listed = 0
  for (const [node] of nodes) if (decode(node?.value) !== undefined) listed++
  return listed
}

/** hyperdb 3.5.0 as an app would use it: values are JSON, one writer, the same signing code as the runtime's. */
export const openRaw = async (place: Place): Promise<Subject> => {
  await fastSigning()
  return openHyperdb(place)
}

/** The same with the runtime's hashing too, which hyperdb does not have by itself. */
export const openHashing = async (place: Place): Promise<Subject> => {
  await fastSodium()
  return openHyperdb(place)
}

const openHyperdb = async (place: Place): Promise<Subject> => {
  const db = await open(place(), null)
  return {
    put: (i) => promised((callback) => db.put(keyOf(i), encode(i), (error) => callback(error))),
    batch: (from, to) => {
      const writes = Array.from({ length: to - from }, (_, n) => ({
        type: 'put' as const,
        key: keyOf(from + n),
        value: encode(from + n),
      }))
      return promised((callback) => db.batch(writes, (error) => callback(error)))
    },
    async get(i) {
      const [node] = await promised<{ value?: Buffer | null }[]>((callback) => db.get(keyOf(i), callback))
      return decode(node?.value)
    },
    list: () => list(db),

    async replicate(entries) {
      const clone = await open(place(), db.key)
      const complete = new Promise<void>((resolve) => {
        let downloaded = 0
        // The header is a block too.
        clone.source.on('download', () => {
          if (++downloaded === entries + 1) resolve()
        })
      })
      const server = createServer({ noDelay: true }, (socket) => {
        pipeline(socket, db.replicate({ live: true }), socket, () => {})
      }).listen(0, '127.0.0.1')
      const [incoming] = [once(server, 'connection') as Promise<[Socket]>, await once(server, 'listening')]
      const taken = stopwatch()
      const { port } = server.address() as AddressInfo
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      pipeline(socket, clone.replicate({ live: true }), socket, () => {})
      await complete
      const listed = await list(clone)
      const took = taken()
      if (listed !== entries) throw new Error(`hyperdb listed ${listed} of ${entries} entries`)
      socket.destroy()
      ;(await incoming)[0].destroy()
      server.close()
      await close(clone)
      return took
    },
    close: () => close(db),
  }
}

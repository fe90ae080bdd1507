/**
 * What the mending costs: sequential writes, and replication over TCP, of the database and of hyperdb itself with the same
 * fast signing, in alternating pairs with a second run of hyperdb as control.
 * Run: npm run bench -- database
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import Hyperdb from 'hyperdb'
import libsodium from 'libsodium-wrappers'
import ram from 'random-access-memory'
import type { HistoryEntry } from '../src/adapters/database/database.js'
import { fastSodium } from '../src/adapters/database/fast-sodium.js'
import { openDatabase } from '../src/adapters/database/hyperdb-database.js'
import { memoryStorage } from '../src/adapters/storage/memory-storage.js'
import { utf8 } from '../src/protocol/bytes.js'

const ENTRIES = 10_000
const PAIRS = 6
const key = (i: number) => `notes/${i % 97}/${i}`
const value = utf8('v'.repeat(100))

interface Subject {
  write(i: number): Promise<unknown>
  stream(): Duplex
  empty(): Promise<{ stream(): Duplex; done: Promise<unknown>; close(): Promise<void> }>
  close(): Promise<void>
}

const overTcp = async (a: Duplex, b: Duplex) => {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true })
  const [other] = await once(server, 'connection')
  server.close()
  pipeline(socket, a, socket, () => {})
  pipeline(other, b, other, () => {})
  return () => {
    socket.destroy()
    other.destroy()
  }
}

const ours = async (): Promise<Subject> => {
  const { publicKey: hyphalink, privateKey } = libsodium.crypto_sign_keypair()
  const options = { extensions: [], onExtension() {}, onHandshake() {} }
  const open = (onEntries: (entries: readonly HistoryEntry[]) => void, originSecretKey?: Uint8Array) =>
    openDatabase({
      hyphalink,
      ...(originSecretKey ? { originSecretKey } : {}),
      storage: memoryStorage(),
      events: {
        entries: onEntries,
        progress() {},
        error: (error) => void process.stderr.write(`${error}\n`),
      },
    })
  const db = await open(() => {}, privateKey)
  return {
    write: (i) => db.write([{ type: 'put', key: key(i), value }]),
    stream: () => db.replicate(options).stream,
    close: () => db.close(),
    async empty() {
      let seen = 0
      let finish = () => {}
      const done = new Promise<void>((resolve) => {
        finish = resolve
      })
      const clone = await open((batch) => {
        seen += batch.length
        if (seen > ENTRIES) finish()
      })
      return { stream: () => clone.replicate(options).stream, done, close: () => clone.close() }
    },
  }
}

const raw = async (): Promise<Subject> => {
  const open = async (hyphalink?: Buffer) => {
    const db = new Hyperdb(() => ram({ pageSize: 32 * 1024 }), hyphalink ?? null, { valueEncoding: 'binary' })
    await new Promise((resolve) => db.ready(resolve))
    return db
  }
  const db = await open()
  const bytes = Buffer.from(value)
  return {
    write: (i) => new Promise((resolve) => db.put(key(i), bytes, resolve)),
    stream: () => db.replicate({ live: true }),
    close: async () => {},
    async empty() {
      const clone = await open(db.key)
      const done = new Promise<void>((resolve) => {
        clone.source.on('download', () => {
          if (clone.source.bitfield.total(0, clone.source.length) === ENTRIES + 1) resolve()
        })
      })
      return { stream: () => clone.replicate({ live: true }), done, close: async () => {} }
    },
  }
}

const measure = async (create: () => Promise<Subject>) => {
  const subject = await create()
  let start = performance.now()
  for (let i = 0; i < ENTRIES; i++) await subject.write(i)
  const writes = (ENTRIES / (performance.now() - start)) * 1000
  const clone = await subject.empty()
  start = performance.now()
  const cut = await overTcp(subject.stream(), clone.stream())
  await clone.done
  const replicated = (ENTRIES / (performance.now() - start)) * 1000
  cut()
  await Promise.all([subject.close(), clone.close()])
  return { writes, replicated }
}

const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1] ?? 0

export const bench = async () => {
  await fastSodium()
  const subjects = { database: ours, hyperdb: raw, control: raw }
  const results = Object.fromEntries(
    Object.keys(subjects).map((name) => [name, { writes: [] as number[], replicated: [] as number[] }]),
  )
  for (let pair = 0; pair <= PAIRS; pair++) {
    for (const [name, create] of Object.entries(subjects)) {
      const { writes, replicated } = await measure(create)
      // The first round warms up.
      if (pair === 0) continue
      results[name]?.writes.push(writes)
      results[name]?.replicated.push(replicated)
    }
  }
  return Object.entries(results).map(([name, { writes, replicated }]) => ({
    name,
    entries: ENTRIES,
    rounds: PAIRS,
    writesPerSecond: Math.round(median(writes)),
    bestWrites: Math.round(Math.max(...writes)),
    replicatedPerSecond: Math.round(median(replicated)),
    bestReplicated: Math.round(Math.max(...replicated)),
  }))
}

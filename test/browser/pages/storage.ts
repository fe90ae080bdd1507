/** What test/browser/storage.test.ts asks of a page: the contract, and a database to measure. */
import libsodium from 'libsodium-wrappers'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { browserStorage } from '../../../src/adapters/storage/browser-storage.browser.js'
import { fileStorage } from '../../../src/adapters/storage/file-storage.browser.js'
import { memoryStorage } from '../../../src/adapters/storage/memory-storage.js'
import type { Storage } from '../../../src/adapters/storage/storage.js'
import { readText, write } from '../../../src/testing/contracts/file-operations.js'
import { storageContract } from '../../../src/testing/contracts/storage.js'

interface Failure {
  readonly code: unknown
  readonly message: string
}

const opening = (storage: Storage): Promise<Failure | undefined> =>
  Promise.resolve(storage.open?.()).then(
    () => undefined,
    (error: Error & { code?: unknown }) => ({ code: error.code, message: error.message }),
  )

const state = new Map<string, Storage>()
const options = (worker: string | undefined) => (worker === undefined ? {} : { worker })

const puts = async (name: string, worker: string | undefined, count: number) => {
  await libsodium.ready
  const { publicKey, privateKey } = libsodium.crypto_sign_keypair()
  const storage = name === 'memory' ? memoryStorage() : browserStorage(name, options(worker))
  await storage.open?.()
  const open = (entries: (count: number) => void, secret?: Uint8Array) =>
    openDatabase({
      hyphalink: publicKey,
      ...(secret ? { originSecretKey: secret } : {}),
      storage,
      events: { entries: (batch) => entries(batch.length), progress: () => {}, error: () => {} },
    })
  const db = await open(() => {}, privateKey)
  const entry = (i: number) => ({ type: 'put' as const, key: `k/${i}`, value: new Uint8Array(60).fill(i) })
  const start = performance.now()
  for (let i = 0; i < count; i++) await db.write([entry(i)])
  const took = performance.now() - start
  for (let from = count; from < 10 * count; from += 1_000)
    await db.write(Array.from({ length: 1_000 }, (_, i) => entry(from + i)))
  await db.close()
  await storage.close()
  const reopening = performance.now()
  await storage.open?.()
  let found = 0
  const again = await open((batch) => {
    found += batch
  })
  const reopened = performance.now() - reopening
  await again.close()
  await storage.close()
  return { puts: took, reopened, found }
}

const page: StoragePage = {
  async run(index: number, worker?: string): Promise<string | undefined> {
    const name = `contract ${index} ${crypto.randomUUID()}`
    const cases = storageContract(() => ({ storage: () => browserStorage(name, options(worker)) }))
    try {
      await cases[index]?.run()
      return undefined
    } catch (error) {
      return error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
    }
  },
  async open(name: string, worker?: string): Promise<Failure | undefined> {
    const storage = browserStorage(name, options(worker))
    state.set(name, storage)
    return opening(storage)
  },
  close: async (name) => state.get(name)?.close(),
  async write(name, file, text) {
    const storage = state.get(name)
    if (storage) await write(storage.file(file), 0, new TextEncoder().encode(text))
  },
  async read(name, file, size) {
    const storage = state.get(name)
    return storage && readText(storage.file(file), 0, size)
  },
  /** Writes without end, until it fails: the sentence. */
  async writeUntilItFails(name: string, file: string): Promise<string> {
    const storage = state.get(name)
    try {
      for (;;) {
        if (!storage) return 'it is not open'
        await write(storage.file(file), 0, new Uint8Array([120]))
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  },
  /** Fills what the browser gives to the page. */
  async fill(name: string, file: string): Promise<string> {
    const storage = state.get(name)
    const bytes = new Uint8Array(4 * 1024 * 1024).fill(7)
    try {
      for (let i = 0; i < 4; i++) if (storage) await write(storage.file(file), i * bytes.length, bytes)
      return 'no error'
    } catch (error) {
      return String(error)
    }
  },
  /** Names of the files that the origin's private file system holds, and whether the key can be read out. */
  async stored() {
    const names: string[] = []
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`)
        else names.push(path + name)
      }
    }
    await walk(await navigator.storage.getDirectory(), '')
    return names.sort()
  },
  fileStorage(): unknown {
    try {
      fileStorage('/tmp')
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : undefined
    }
    return undefined
  },
  puts,
}

globalThis.storagePage = page

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/database/hyperdb-database.js'
import { fileStorage } from '../../../src/adapters/storage/file-storage.js'
import { close, readText, write } from '../../../src/testing/contracts/file-operations.js'
import { storageContract } from '../../../src/testing/contracts/storage.js'
import { errorCode, newHypha, openNode, put } from '../database/nodes.js'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hypha-test-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const store = () => join(home, 'store')
const openStore = async (directory = store()) => {
  const storage = fileStorage(directory)
  await storage.open?.()
  return storage
}

/** Files that this process holds open in the store. Linux tells. */
const openIn = (directory: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(directory) ? [target] : []
    } catch {
      return []
    }
  })

const isRoot = process.getuid?.() === 0

/** Mounts a little disk of memory. Gives what takes it away, or undefined where this process may not. */
const mount = (directory: string, options: string): (() => void) | undefined => {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory])
  if (status !== 0) return undefined
  return () => void spawnSync('umount', [directory])
}

const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'hypha-mount-'))
  const unmount = isRoot ? mount(probe, 'size=1m') : undefined
  unmount?.()
  rmSync(probe, { recursive: true })
  return unmount !== undefined
})()

const child = (mode: string, directory: string, options: { uid?: number } = {}) => {
  const path = fileURLToPath(new URL('./store-process.ts', import.meta.url))
  const process_ = spawn(process.execPath, ['--import', 'tsx', path, mode, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  })
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]()
  return {
    line: async (): Promise<string | undefined> => (await lines.next()).value,
    /** The last of the lines that are there, once it has ended. */
    kill: async () => {
      const exit = once(process_, 'exit')
      process_.kill('SIGKILL')
      await exit
      let last: string | undefined
      for await (const line of { [Symbol.asyncIterator]: () => lines }) last = line
      return last
    },
    signal: (signal: NodeJS.Signals) => process_.kill(signal),
    go: () => void process_.stdin.write('\n'),
    end: async () => {
      const exit = once(process_, 'exit')
      process_.stdin.end()
      await exit
    },
  }
}

describe('fileStorage', () => {
  for (const { name, run } of storageContract(() => ({ storage: () => fileStorage(store()) })))
    test(name, run)

  test('is for its owner alone: directories 0700, files 0600', async () => {
    const old = process.umask(0)
    const storage = await openStore()
    await write(storage.file('a/b/c'), 0, 'x')
    const seen = (directory: string): [string, string][] =>
      readdirSync(directory, { withFileTypes: true }).flatMap((entry): [string, string][] => {
        const path = join(directory, entry.name)
        const mode: [string, string] = [path, (statSync(path).mode & 0o777).toString(8)]
        return entry.isDirectory() ? [mode, ...seen(path)] : [mode]
      })
    const modes = seen(home)
    process.umask(old)
    await storage.close()
    expect(modes.length).toBeGreaterThan(6)
    for (const [path, mode] of modes)
      expect([path, mode]).toEqual([
        path,
        statSync(path, { throwIfNoEntry: false })?.isDirectory() ? '700' : '600',
      ])
  })

  test("leaves the mode of someone's own directory, and closes what is in it", async () => {
    mkdirSync(store(), { mode: 0o755 })
    writeFileSync(join(store(), 'mine.txt'), 'x')
    await (await openStore()).close()
    expect((statSync(store()).mode & 0o777).toString(8)).toBe('755')
    expect((statSync(join(store(), 'files')).mode & 0o777).toString(8)).toBe('700')
  })

  test('closes a copy that was brought back open to others, and follows no link to make its key', async () => {
    await (await openStore()).close()
    rmSync(join(store(), 'key'))
    const elsewhere = join(home, 'elsewhere')
    writeFileSync(elsewhere, 'mine')
    symlinkSync(elsewhere, join(store(), 'key.new'))
    for (const name of ['files', 'lock']) chmodSync(join(store(), name), 0o777)
    await (await openStore()).close()
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
    for (const name of ['files', 'lock', 'key'])
      expect([name, statSync(join(store(), name)).mode & 0o077]).toEqual([name, 0])
  })

  test('removes nothing of somebody else from the folder that it locks by', async () => {
    mkdirSync(join(store(), 'lock', 'folder'), { recursive: true })
    const mine = join(store(), 'lock', 'mine.new')
    writeFileSync(mine, 'x')
    execFileSync('touch', ['-d', '2 minutes ago', mine])
    await (await openStore()).close()
    expect(readdirSync(join(store(), 'lock')).sort()).toEqual(['folder', 'mine.new'])
  })

  test('leaves no handle, and no claim', async () => {
    const storage = await openStore()
    const file = storage.file('a')
    await write(file, 0, 'x')
    await write(storage.file('b'), 0, 'x')
    expect(openIn(store())).toHaveLength(2)
    await close(file)
    expect(openIn(store())).toHaveLength(1)
    await storage.close()
    expect(openIn(store())).toEqual([])
    expect(readdirSync(join(store(), 'lock'))).toEqual([])
  })

  test('holds more files than it has open', async () => {
    const storage = await openStore()
    const files = Array.from({ length: 1_200 }, (_, i) => storage.file(`many/${i % 5}/${i}`))
    await Promise.all(files.map((file, i) => write(file, 0, `${i}`.padStart(5))))
    expect(openIn(store()).length).toBeLessThan(600)
    const texts = await Promise.all(files.map((file) => readText(file, 0, 5)))
    expect(texts.map(Number)).toEqual(files.map((_, i) => i))
    await storage.close()
  })

  test('a path that is too long for a socket holds a lock all the same', async () => {
    const long = join(home, 'long'.repeat(40), 'er'.repeat(30))
    const storage = await openStore(long)
    expect(await errorCode(openStore(long))).toBe('STORAGE_LOCKED')
    await storage.close()
    await (await openStore(long)).close()
    expect(readdirSync(join(long, 'lock'))).toEqual([])
  })

  test('the same directory by another name is the same', async () => {
    const storage = await openStore()
    symlinkSync(store(), join(home, 'alias'))
    expect(await errorCode(openStore(join(home, 'alias')))).toBe('STORAGE_LOCKED')
    await storage.close()
  })

  test('of twenty who come at once exactly one has it, again and again', async () => {
    for (let round = 0; round < 10; round++) {
      const all = Array.from({ length: 20 }, () => fileStorage(store()))
      const outcomes = await Promise.allSettled(all.map((storage) => storage.open?.()))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await Promise.all(all.map((storage) => storage.close()))
    }
  })

  test('a second process is refused; once the first is killed it is let in, and everything acknowledged is there', async () => {
    const first = child('write', store())
    expect(await first.line()).toBe('open')
    expect(await errorCode(openStore())).toBe('STORAGE_LOCKED')
    const second = child('write', store())
    expect(await second.line()).toBe('STORAGE_LOCKED')
    await second.end()
    first.go()
    for (let i = 0; i < 100; i++) expect(await first.line()).toBe(`${i}`)
    const last = Number((await first.kill()) ?? 99)
    // What the killed one left behind is there, and dead.
    expect(readdirSync(join(store(), 'lock'))).toHaveLength(1)
    const storage = await openStore()
    expect(readdirSync(join(store(), 'lock'))).toHaveLength(1)
    for (let i = 0; i <= last; i++)
      expect(await readText(storage.file('log'), i * 8, 8)).toBe(`${i}`.padStart(8))
    await storage.close()
  })

  test('of many processes that come at a dead lock at once at most one has it', async () => {
    const dead = child('write', store())
    expect(await dead.line()).toBe('open')
    await dead.kill()
    const crowd = Array.from({ length: 5 }, () => child('wait', store()))
    await Promise.all(crowd.map(({ line }) => line()))
    for (const { go } of crowd) go()
    const said = await Promise.all(crowd.map(({ line }) => line()))
    expect(said.filter((line) => line === 'open')).toHaveLength(1)
    expect(said.filter((line) => line === 'STORAGE_LOCKED')).toHaveLength(4)
    await Promise.all(crowd.map(({ end }) => end()))
  })

  test('two processes that take it from each other 50 times are never inside both', async () => {
    const racers = [child('race', store()), child('race', store())]
    expect(await Promise.all(racers.map(({ line }) => line()))).toEqual(Array(2).fill('alone, each time'))
    await Promise.all(racers.map(({ end }) => end()))
  })

  test('a holder that is stopped, not ended, still has it', async () => {
    const holder = child('write', store())
    expect(await holder.line()).toBe('open')
    holder.signal('SIGSTOP')
    expect(await errorCode(openStore())).toBe('STORAGE_LOCKED')
    holder.signal('SIGCONT')
    await holder.kill()
    await (await openStore()).close()
  })

  test('a claim of another machine holds while it gives signs of life', async () => {
    await (await openStore()).close()
    const claim = join(store(), 'lock', 'aaaaaaaaaaaa.bbbbbbbbbbbb.0123456789abcdef')
    writeFileSync(claim, '')
    expect(await errorCode(openStore())).toBe('STORAGE_LOCKED')
    execFileSync('touch', ['-d', '2 minutes ago', claim])
    await (await openStore()).close()
    expect(existsSync(claim)).toBe(false)
  })

  test('a directory that may not be written to is told', async () => {
    const inside = join(home, 'closed')
    mkdirSync(inside)
    // Root may write anywhere but on what is mounted to be read.
    const unmount = isRoot ? mount(inside, 'ro') : undefined
    if (!unmount) {
      writeFileSync(join(inside, 'file'), '')
      chmodSync(inside, 0o500)
    }
    const directory = isRoot && !unmount ? join(inside, 'file') : inside
    const failure = await openStore(directory).catch((error) => error)
    expect(failure).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('may be written'),
    })
    unmount?.()
    chmodSync(inside, 0o700)
  })

  test.skipIf(!canMount)(
    'a disk that is full is told; with room again it goes on, and nothing acknowledged is lost',
    async () => {
      const disk = join(home, 'disk')
      mkdirSync(disk)
      const unmount = mount(disk, 'size=1m')
      try {
        const hypha = await newHypha()
        const storage = await openStore(join(disk, 'store'))
        const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage })
        let written = 0
        let code = 'no error'
        while (code === 'no error') {
          code = await errorCode(alice.db.write([put(`k/${written}`, 'x'.repeat(5_000))]))
          if (code === 'no error') written++
        }
        expect(code).toBe('STORAGE_FAILED')
        expect(written).toBeGreaterThan(20)
        expect(await errorCode(alice.db.write([put('small')]))).toMatch(/STORAGE_FAILED|no error/)
        spawnSync('mount', ['-o', 'remount,size=8m', disk])
        await alice.db.write([put('again')])
        await alice.db.close()
        await storage.close()
        await storage.open?.()
        const again = await openNode(openDatabase, hypha, { storage })
        expect(again.keys()).toEqual(alice.keys())
        expect(again.keys()).toContain('again')
        expect(again.keys().length).toBeGreaterThan(written)
        expect(again.errors).toEqual([])
        await again.db.close()
        await storage.close()
      } finally {
        unmount?.()
      }
    },
  )

  test('a file without room answers with an error, and others go on', async () => {
    const storage = await openStore()
    symlinkSync('/dev/full', join(store(), 'files', 'full'))
    await expect(write(storage.file('full'), 0, 'x')).rejects.toThrow('ENOSPC')
    await write(storage.file('other'), 0, 'x')
    await storage.close()
  })

  test("a writer's secret is on the disk only wrapped, and the same writer comes back", async () => {
    const hypha = await newHypha()
    const storage = await openStore()
    const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage })
    await alice.db.write([put('a')])
    const reader = fileStorage(join(home, 'reader'))
    await reader.open?.()
    const bob = await openNode(openDatabase, hypha, { storage: reader })
    const bobWriter = bob.db.localWriter
    await Promise.all([alice.db.close(), bob.db.close()])
    await Promise.all([storage.close(), reader.close()])
    const secret = readFileSync(join(store(), 'files/local/secret_key'))
    // The public key is the second half of what is secret.
    expect(secret.includes(Buffer.from(alice.db.localWriter, 'hex'))).toBe(false)

    await Promise.all([storage.open?.(), reader.open?.()])
    const [again, bobAgain] = await Promise.all([
      openNode(openDatabase, hypha, { storage }),
      openNode(openDatabase, hypha, { storage: reader }),
    ])
    expect([again.db.localWriter, bobAgain.db.localWriter]).toEqual([alice.db.localWriter, bobWriter])
    await again.db.write([put('b')])
    expect(again.keys()).toEqual(['a', 'b'])
    await Promise.all([again.db.close(), bobAgain.db.close()])
    await Promise.all([storage.close(), reader.close()])
    expect(readFileSync(join(store(), 'files/local/secret_key'))).toEqual(secret)
  })

  describe('without the key file that belongs to it', () => {
    const stored = async () => {
      const hypha = await newHypha()
      const storage = await openStore()
      const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage })
      await alice.db.write([put('an entry')])
      await alice.db.close()
      await storage.close()
      return { hypha, storage }
    }

    test.each([
      ['missing', () => rmSync(join(store(), 'key'))],
      ['damaged', () => truncateSync(join(store(), 'key'), 31)],
    ])('%s, it does not open and says what to do', async (word, act) => {
      const { storage } = await stored()
      act()
      const failure = await Promise.resolve(storage.open?.()).catch((error) => error)
      expect(failure).toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringContaining(`is ${word}`),
      })
      expect(failure.message).toContain('Put the file')
      // The lock is not kept by what failed.
      expect(await errorCode(openStore())).toBe('STORAGE_FAILED')
    })

    test.each([
      ['a pipe that nobody writes to', (key: string) => execFileSync('mkfifo', [key])],
      ['a device without end', (key: string) => symlinkSync('/dev/zero', key)],
      ['a folder', (key: string) => mkdirSync(key)],
      ['a file of gigabytes', (key: string) => execFileSync('truncate', ['-s', '8G', key])],
    ])('%s in its place is told at once', async (_, replace) => {
      const { storage } = await stored()
      rmSync(join(store(), 'key'))
      replace(join(store(), 'key'))
      await expect(Promise.resolve(storage.open?.())).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    })

    test("another's: the writer's secret can't be unwrapped, and stays as it is", async () => {
      const { hypha, storage } = await stored()
      writeFileSync(join(store(), 'key'), Buffer.alloc(32, 7))
      const before = readFileSync(join(store(), 'files/local/secret_key'))
      await storage.open?.()
      const failure = await openNode(openDatabase, hypha, { storage }).catch((error) => error)
      expect(failure).toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('unwrapped') })
      await storage.close()
      expect(readFileSync(join(store(), 'files/local/secret_key'))).toEqual(before)
    })
  })

  test('a store cut short anywhere ends in an error with a code, or in a shorter history; never in a hang', async () => {
    const hypha = await newHypha()
    const storage = await openStore()
    const alice = await openNode(openDatabase, hypha, { isOrigin: true, storage })
    for (let i = 0; i < 20; i++) await alice.db.write([put(`k/${i}`, 'x'.repeat(100))])
    await alice.db.close()
    await storage.close()
    const outcomes = new Set<string>()
    for (const name of ['data', 'tree', 'signatures', 'bitfield', 'key', 'secret_key']) {
      for (const share of [0, 0.5, 0.9]) {
        const copy = join(home, `copy-${name}-${share}`)
        cpSync(store(), copy, { recursive: true })
        const file = join(copy, 'files/local', name)
        truncateSync(file, Math.floor(statSync(file).size * share))
        const cut = await openStore(copy)
        const outcome = await openNode(openDatabase, hypha, { storage: cut }).catch((error) => error)
        if (outcome instanceof Error)
          expect(outcome).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) })
        else {
          expect(alice.keys().slice(0, outcome.keys().length)).toEqual(outcome.keys())
          if (outcome.keys().length < 20) expect(outcome.errors.length > 0 || name === 'bitfield').toBe(true)
          await outcome.db.close()
        }
        outcomes.add(
          `${name} ${share}: ${outcome instanceof Error ? (outcome as { code?: string }).code : outcome.keys().length}`,
        )
        await cut.close()
      }
    }
    expect(outcomes.size).toBe(18)
  })
})

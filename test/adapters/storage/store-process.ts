/**
 * A process of its own on a store: `write` opens it at once, `wait` at a line; then at another it appends and says each. `race`
 * takes and leaves it 50 times, and says whether anybody else was ever inside.
 */
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStorage } from '../../../src/adapters/storage/file-storage.js'
import { write } from '../../../src/testing/contracts/file-operations.js'

const [mode, directory = ''] = process.argv.slice(2)
const say = (line: string) => void process.stdout.write(`${line}\n`)

if (mode === 'wait') {
  say('here')
  await once(process.stdin, 'data')
}
if (mode === 'race') {
  const inside = join(directory, 'inside')
  for (let taken = 0; taken < 50; ) {
    const store = fileStorage(directory)
    const has = await Promise.resolve(store.open?.()).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code !== 'STORAGE_LOCKED') throw error
        return false
      },
    )
    if (!has) continue
    // Throws, and ends this process, if another is there.
    writeFileSync(inside, '', { flag: 'wx' })
    await new Promise((resolve) => setTimeout(resolve, 1))
    rmSync(inside)
    await store.close()
    taken++
  }
  say('alone, each time')
  process.stdin.resume()
  await once(process.stdin, 'end')
  process.exit()
}
const storage = fileStorage(directory)
const code = await Promise.resolve(storage.open?.()).then(
  () => 'open',
  (error: { code?: string }) => error.code ?? 'no code',
)
say(code)
if (code === 'open' && mode === 'write') {
  await once(process.stdin, 'data')
  const file = storage.file('log')
  for (let i = 0; ; i++) {
    await write(file, i * 8, Buffer.from(`${i}`.padStart(8)))
    // What is said is acknowledged, and leaves the process before the next.
    await new Promise<void>((resolve) => process.stdout.write(`${i}\n`, () => resolve()))
  }
}
process.stdin.resume()
await once(process.stdin, 'end')
await storage.close()

/** A process of its own on a store: `write` opens it at once, `wait` at a line; then at another it appends and says each. */
import { once } from 'node:events'
import { fileStorage } from '../../../src/adapters/storage/file-storage.js'
import { write } from './bytes.js'

const [mode, directory = ''] = process.argv.slice(2)
const say = (line: string) => void process.stdout.write(`${line}\n`)

if (mode === 'wait') {
  say('here')
  await once(process.stdin, 'data')
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

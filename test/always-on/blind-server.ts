// Run as a program of its own: an always-on node whose storage can be looked at. Says where it is; asked by a line, what it stored.
import { createInterface } from 'node:readline'
import type { RandomAccess, Storage } from '../../src/adapters/storage/storage.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'

const files = new Map<string, Buffer>()

const file = (name: string): RandomAccess => {
  const bytes = () => files.get(name) ?? Buffer.alloc(0)
  return {
    read: (offset, size, callback) =>
      queueMicrotask(() => {
        if (offset + size > bytes().length) callback(new Error('There is not so much'))
        else callback(null, Buffer.from(bytes().subarray(offset, offset + size)))
      }),
    write: (offset, data, callback) => {
      const whole = Buffer.alloc(Math.max(bytes().length, offset + data.length))
      bytes().copy(whole)
      whole.set(data, offset)
      files.set(name, whole)
      queueMicrotask(() => callback?.(null))
    },
    del: (_offset, _size, callback) => queueMicrotask(() => callback?.(null)),
    close: (callback) => queueMicrotask(() => callback?.(null)),
  }
}
const storage: Storage = { kind: 'inspectable', file, close: async () => {} }

const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)
const node = await createAlwaysOnNode({ port: 0, tcpPort: 0, storage })
const lines = createInterface({ input: process.stdin })
lines.on('line', () => say([...files].map(([name, bytes]) => [name, bytes.toString('base64')])))
lines.on('close', () => void node.close())
say({ url: node.url, tcpPort: node.tcpPort })

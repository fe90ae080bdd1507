// Run as a program of its own: a node that mends its own feed, or gets another key, and writes as long as it may. It kills itself at the
// write to its storage that it is told.
import { createNode, fileStorage, type Storage, tcp, webSocket } from '../../src/index.js'
import { until } from './until.js'

const [, , directory = '', address = '', name = '', last = '0', goal = ''] = process.argv
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)
const dieAt = Number(last)
let writes = 0
let isCounting = false

/** Files of the feeds, the records, journals and keys of the one hypha; what else the node stores is no step of this. */
const counted = (storage: Storage): Storage => ({
  kind: storage.kind,
  ...(storage.wrapping ? { wrapping: storage.wrapping } : {}),
  open: async () => storage.open?.(),
  close: () => storage.close(),
  file: (path) => {
    const file = storage.file(path)
    const count = () => {
      if (isCounting && ++writes === dieAt) process.kill(process.pid, 'SIGKILL')
    }
    return {
      read: (offset, size, callback) => file.read(offset, size, callback),
      write: (offset, bytes, callback) => {
        count()
        file.write(offset, bytes, callback)
      },
      del: (offset, size, callback) => {
        count()
        file.del(offset, size, callback)
      },
      close: (callback) => file.close(callback),
    }
  },
})

const node = createNode({
  storage: counted(fileStorage(directory)),
  transports: [address.startsWith('http') ? webSocket(address) : tcp({ connect: [address] })],
})
const begun = until(node, () => {
  if (node.getSnapshot().mending === undefined) return false
  if (!isCounting) say({ begins: true })
  isCounting = true
  return true
})
await node.opened()
for (let i = 0; i < 3; i++) {
  await node.put(`${name}/${i}`, i)
  say({ written: `${name}/${i}` })
}
await begun
for (let i = 3; i < 6; i++) {
  const isWritten = await node.put(`${name}/${i}`, i).then(
    () => true,
    () => false,
  )
  if (isWritten) say({ written: `${name}/${i}` })
}
// What is a reader now has asked for a place among those that write.
if (goal === 'mended') await until(node, () => node.state === 'origin' && !node.getSnapshot().mending)
else await until(node, () => node.state === 'awaitingAuthorisation' || node.state === 'writer')
say({ writes })
await node.close()

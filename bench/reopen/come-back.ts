/** One node that comes back from the folder that is named, and tells how long it took. */
import { createNode, fileStorage } from '../../src/index.js'
import { stopwatch } from '../engine/subject.js'

export interface Back {
  /** Milliseconds from createNode until its state is there ... */
  readonly back: number
  /** ... and until it has listed its entries, on the wall and of processors. */
  readonly all: number
  readonly cpu: number
  readonly listed: number
}

const taken = stopwatch()
const node = createNode({ storage: fileStorage(process.argv[2] ?? '') })
await new Promise<void>((resolve, reject) => {
  const look = () => {
    if (node.state === 'origin') resolve()
    else if (node.state === 'failed') reject(new Error(node.getSnapshot().problem?.message))
  }
  node.subscribe(look)
  look()
})
const { ms: back } = taken()
let listed = 0
for await (const { value } of node.entries()) if (value !== undefined) listed++
const { ms: all, cpu } = taken()
await node.close()
const found: Back = { back, all, cpu, listed }
process.stdout.write(JSON.stringify(found))

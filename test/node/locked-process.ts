// Run as a program of its own: a node whose storage somebody else may have. It says each state, and closes when it reads a line.
import { createNode, fileStorage } from '../../src/index.js'

const [directory = ''] = process.argv.slice(2)
const node = createNode({ storage: fileStorage(directory) })
let said: string | undefined
const say = () => {
  if (node.state === said) return
  said = node.state
  process.stdout.write(`${said}\n`)
}
node.subscribe(say)
say()
process.stdin.once('data', () => {
  process.stdin.unref?.()
  void node.close()
})
// Reading holds no process.
process.stdin.unref?.()

// Run as a program of its own: an always-on node on files. Made to be killed.
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { fileStorage } from '../../src/index.js'

const [directory = '', port = '0'] = process.argv.slice(2)
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)

const { url } = await createAlwaysOnNode({
  port: Number(port),
  storage: fileStorage(directory),
  onError: (error) => say({ error: 'code' in error ? error.code : error.message }),
})
say({ url })

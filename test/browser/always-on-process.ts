// Run as a program of its own, to be killed: an always-on node on files, which says where it is.
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { fileStorage } from '../../src/index.js'

const [, , directory = '', port = '0'] = process.argv
const { url } = await createAlwaysOnNode({ port: Number(port), storage: fileStorage(directory) })
process.stdout.write(`${url}\n`)

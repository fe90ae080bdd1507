// Run as a program of its own: a node that listens, and says so. Made to be stopped where it stands.
import { createNode, tcp } from '../../src/index.js'

const road = tcp({ listen: '127.0.0.1:0' })
const node = createNode({ name: 'still', transports: [road] })
const { passphrase } = await node.signUp({ domain: 'ada.example' })
process.stdout.write(`${JSON.stringify({ passphrase, address: road.listening })}\n`)

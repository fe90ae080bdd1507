/** An always-on node, which stores and relays what it cannot read, and serves the built page. */
import { fileURLToPath } from 'node:url'
import { createAlwaysOnNode } from 'hypha-runtime/always-on'

const webApp = fileURLToPath(new URL('dist', import.meta.url))
const { url } = await createAlwaysOnNode({ port: 4280, claim: 16, webApp })
process.stdout.write(`Open ${url} in two windows, one of them private.\n`)

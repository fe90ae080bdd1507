import { startAlwaysOnNode } from './command.js'

process.exitCode = await startAlwaysOnNode(process.argv.slice(2), process)

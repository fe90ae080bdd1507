/** Builds everything that is published into dist: the library, its browser bundle with the workers, the web app and the inspector. */
import { spawn } from 'node:child_process'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBrowser } from './build/browser.js'
import { buildInspector } from './build/inspector.js'
import { buildForNode } from './build/node.js'
import { noticesText } from './build/notices.js'
import { buildWeb } from './build/web.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = fileURLToPath(new URL('../dist', import.meta.url))

const compile = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const tsc = spawn('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
    tsc.on('error', reject)
    tsc.on('close', (code) => (code === 0 ? resolve() : reject(new Error('The types do not check.'))))
  })

await rm(dist, { recursive: true, force: true })
await Promise.all([
  compile().then(() => buildForNode(dist)),
  buildBrowser(join(dist, 'browser')),
  buildWeb(join(dist, 'web')),
  buildInspector(join(dist, 'inspector')),
])
await writeFile(join(dist, 'THIRD-PARTY.txt'), noticesText())
// npm does so for who installs the package; who builds it runs it from here.
await chmod(join(dist, 'cli/main.js'), 0o755)

/** Builds the runtime for browsers into the folder that is named, from its sources as they are. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildBrowser } from '../../scripts/build/browser.js'

const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as runtime from '/index.js'
globalThis.runtime = runtime
</script>`

const folder = process.argv[2] ?? ''
await buildBrowser(folder)
await writeFile(join(folder, 'index.html'), PAGE)

import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { WORKERS } from '../scripts/build/browser.js'
import { buildWorker } from '../scripts/build/worker.js'

const PREFIX = 'worker-url:'
const INLINE = /-worker\.js\?source$/
const INLINED = 'worker-inlined'
const DEVELOPMENT = '/@workers/'

const build = (name: string): Promise<string> => {
  const source = WORKERS[name]
  if (!source) throw new Error(`There is no worker ${name}.`)
  return buildWorker(fileURLToPath(new URL(`../src/${source}`, import.meta.url)))
}

/** `import url from 'worker-url:argon2-worker.js'`: the worker as a file beside the others, as the page's policy wants it. */
export const workerUrls = (): Plugin => {
  let isDevelopment = false
  return {
    name: 'hypha-web:worker-urls',
    enforce: 'pre',
    configResolved: ({ command }) => {
      isDevelopment = command === 'serve'
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : INLINE.test(id) ? `\0${INLINED}` : null),
    async load(id) {
      // Given by URL, the worker's text isn't needed a second time.
      if (id === `\0${INLINED}`) return 'export default ""'
      if (!id.startsWith(`\0${PREFIX}`)) return null
      const name = id.slice(PREFIX.length + 1)
      if (isDevelopment) return `export default ${JSON.stringify(DEVELOPMENT + name)}`
      const reference = this.emitFile({ type: 'asset', name, source: await build(name) })
      return `export default import.meta.ROLLUP_FILE_URL_${reference}`
    },
    configureServer: (server) => {
      server.middlewares.use(DEVELOPMENT, (request, response, next) => {
        build((request.url ?? '').replace(/^\/|\?.*$/g, '')).then(
          (text) => response.setHeader('Content-Type', 'text/javascript').end(text),
          next,
        )
      })
    },
  }
}

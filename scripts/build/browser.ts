import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { runtimePlugin } from './runtime-plugin.js'
import { buildWorker } from './worker.js'

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** Workers that pages with a strict Content-Security-Policy load by their URL. */
export const WORKERS: Readonly<Record<string, string>> = {
  'argon2-worker.js': 'adapters/crypto/argon2-worker.browser.ts',
  'storage-worker.js': 'adapters/storage/opfs-worker.browser.ts',
}

/** The runtime for browsers: ES modules that need nothing of whoever bundles them, and its workers as scripts. */
export const buildBrowser = async (directory: string): Promise<void> => {
  await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [runtimePlugin()],
    build: {
      target: 'es2022',
      outDir: directory,
      emptyOutDir: true,
      copyPublicDir: false,
      lib: {
        entry: {
          index: source('index.ts'),
          inspector: source('ui-bridge/inspector/index.ts'),
          testing: source('testing/index.ts'),
        },
        formats: ['es'],
      },
      rolldownOptions: {
        checks: { pluginTimings: false },
        output: { minify: true, chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  await mkdir(directory, { recursive: true })
  // They export nothing: who imports one wants its address.
  await writeFile(join(directory, 'worker.d.ts'), 'export {}\n')
  for (const [name, file] of Object.entries(WORKERS)) {
    await writeFile(join(directory, name), await buildWorker(source(file)))
  }
}

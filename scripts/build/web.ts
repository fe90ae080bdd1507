import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const configFile = fileURLToPath(new URL('../../web/vite.config.ts', import.meta.url))

/** The web app, as an always-on node serves it. */
export const buildWeb = async (directory: string): Promise<void> => {
  await build({ configFile, logLevel: 'warn', build: { outDir: directory, emptyOutDir: true } })
}

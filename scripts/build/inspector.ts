import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const path = (relative: string): string =>
  fileURLToPath(new URL(`../../inspector/${relative}`, import.meta.url))

/** Types as they lie in dist, where the folder `src` is no more. */
const declarations = async (): Promise<string> => {
  const types = await readFile(path('types.ts'), 'utf8')
  return `${types.replaceAll("'../src/", "'../")}
export declare const mountInspector: MountInspector
`
}

/** The inspector: the page that an always-on node and `hypha inspect` serve below /inspect, and the module that mounts it anywhere. */
export const buildInspector = async (directory: string): Promise<void> => {
  const configFile = path('vite.config.ts')
  await build({ configFile, logLevel: 'warn', build: { outDir: directory, emptyOutDir: true } })
  await build({
    configFile,
    logLevel: 'warn',
    build: {
      outDir: directory,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry: path('src/view.tsx'), formats: ['es'], fileName: () => 'view.js' },
    },
  })
  await writeFile(join(directory, 'view.d.ts'), await declarations())
}

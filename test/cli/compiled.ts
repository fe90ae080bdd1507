/** The command as a package has it: compiled, for a node without anything else. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Compiles src into a folder of its own, from where packages are found. */
export const compile = async (): Promise<{ main: string; remove(): Promise<void> }> => {
  const folder = join(root, 'node_modules/.cache', `hypha-cli-${process.pid}-${Date.now()}`)
  await mkdir(folder, { recursive: true })
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
  const tsc = join(root, 'node_modules/.bin/tsc')
  const args = [
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(folder, 'dist'),
    '--declaration',
    'false',
  ]
  await run(tsc, [...args, '--noCheck'])
  return {
    main: join(folder, 'dist/cli/main.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

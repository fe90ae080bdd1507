/** Builds examples/react on the package as it is built here, and serves it as its own `npm start` does. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const example = join(root, 'examples/react')

const run = async (args: readonly string[], cwd: string): Promise<void> => {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exit(code ?? 0)
}

if (!existsSync(join(root, 'dist/index.js')) || process.argv.includes('--rebuild'))
  await run(['--import', 'tsx', join(root, 'scripts/build.ts')], root)
// What `npm install` would put there.
await mkdir(join(example, 'node_modules'), { recursive: true })
const link = join(example, 'node_modules/hypha-runtime')
await rm(link, { force: true })
await symlink(root, link)
await run([join(root, 'node_modules/vite/bin/vite.js'), 'build'], example)
if (!process.argv.includes('--build')) await run(['server.js'], example)

import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { shellEnv } from '../packed.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
const VITE = 'node_modules/vite/bin/vite.js'

/** Makes an empty plain Vite project of a folder that has the package installed: a page, a script, and no configuration. */
export const makeViteProject = async (app: string): Promise<void> => {
  await cp(join(root, 'test/fixtures/page'), app, { recursive: true })
  await mkdir(join(app, 'node_modules'), { recursive: true })
  await symlink(join(root, 'node_modules/vite'), join(app, 'node_modules/vite'))
}

/** `vite build`: the folder with what it built. */
export const viteBuild = async (app: string): Promise<string> => {
  await run(process.execPath, [VITE, 'build'], { cwd: app, env: shellEnv })
  return join(app, 'dist')
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** `vite dev`, once it serves. */
export const viteDev = async (app: string): Promise<{ url: string; close(): Promise<void> }> => {
  const port = await freePort()
  const args = [VITE, 'dev', '--host', '127.0.0.1', '--port', String(port), '--strictPort']
  const child = spawn(process.execPath, args, { cwd: app, env: shellEnv, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    const listen = (bytes: Buffer) => {
      said += bytes
      if (/ready in/.test(said)) resolve()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`vite ended:\n${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      child.kill()
      return exited
    },
  }
}

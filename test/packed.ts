import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** As a person's shell would: not as a part of the npm that runs this test. */
export const shellEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command|execpath)/.test(name)),
)

/** What building needs of the repository. */
const SOURCES = [
  'src',
  'web',
  'inspector',
  'docs',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.browser.json',
  'tsconfig.build.json',
  'README.md',
  'LICENSE',
]

export interface InstalledPackage {
  /** The folder of an app, with nothing in it but a package.json and what npm installed. */
  readonly app: string
  readonly tarball: string
  /** The tarball's files, as `package/...`. */
  readonly files: readonly string[]
  remove(): Promise<void>
}

const QUIET = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']

/** An empty app, and what npm puts into it. */
export const installTogether = async (app: string, packages: readonly string[]): Promise<void> => {
  await mkdir(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  await run('npm', ['install', ...QUIET, ...packages], { cwd: app, env: shellEnv })
}

/** Packs this package as npm would publish it, and installs that into an empty project. */
export const installPackage = async (): Promise<InstalledPackage> => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-package-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    // A copy, so that building it doesn't take away what other tests use meanwhile.
    const source = join(directory, 'source')
    await mkdir(source)
    for (const name of SOURCES) {
      await cp(join(root, name), join(source, name), { recursive: true }).catch((error) => {
        if (error.code !== 'ENOENT') throw error
      })
    }
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
    await mkdir(join(source, 'dist'))
    await writeFile(join(source, 'dist/stale.js'), '')
    await run('npm', ['pack', '--pack-destination', directory], { cwd: source, env: shellEnv })

    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const tarball = join(directory, `hypha-runtime-${version}.tgz`)
    const app = join(directory, 'app')
    await installTogether(app, [tarball])
    const files = (await run('tar', ['-tf', tarball])).stdout.trim().split('\n')
    return { app, tarball, files, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

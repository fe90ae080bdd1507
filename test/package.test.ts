import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../src/always-on/index.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const fixtures = fileURLToPath(new URL('fixtures/consumer', import.meta.url))
const run = promisify(execFile)

/** As a person's shell would: not as a part of the npm that runs this test. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command|execpath)/.test(name)),
)

let directory = ''
let app = ''
let packed: string[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-package-'))
  // A copy, so that building it doesn't take away what other tests use meanwhile.
  const source = join(directory, 'source')
  await mkdir(source)
  for (const name of [
    'src',
    'docs',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'README.md',
    'LICENSE',
  ])
    await cp(join(root, name), join(source, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'))
  await mkdir(join(source, 'dist'))
  await writeFile(join(source, 'dist/stale.js'), '')
  await run('npm', ['pack', '--pack-destination', directory], { cwd: source, env })

  app = join(directory, 'app')
  await mkdir(app)
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  const tarball = join(directory, `hypha-runtime-${version}.tgz`)
  await run('npm', ['install', ...quiet, tarball], { cwd: app, env })
  await cp(fixtures, app, { recursive: true })
  packed = (await run('tar', ['-tf', tarball])).stdout.trim().split('\n')
}, 300_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

describe('the package, installed into an empty project', () => {
  it('holds what is built, documents and nothing else', () => {
    const odd = packed.filter(
      (file) => !/^package\/(dist\/.+\.(js|d\.ts)|docs\/.+\.md|README\.md|LICENSE|package\.json)$/.test(file),
    )
    expect(odd).toEqual([])
    expect(packed).not.toContain('package/dist/stale.js')
    expect(packed).toContain('package/dist/cli/main.js')
  })

  it('resolves every entry of exports, by import', async () => {
    const { exports } = JSON.parse(
      await readFile(join(app, 'node_modules/hypha-runtime/package.json'), 'utf8'),
    )
    for (const [path, conditions] of Object.entries(exports)) {
      expect(conditions, path).toHaveProperty('default')
      const name = path.replace('.', 'hypha-runtime')
      const how = path.endsWith('.json') ? `, { with: { type: 'json' } }` : ''
      const script = `if (Object.keys(await import('${name}'${how})).length === 0) process.exit(1)`
      await run(process.execPath, ['--input-type=module', '-e', script], { cwd: app, env })
    }
  })

  it('runs an app that was written from the documentation; its process ends by itself', async () => {
    const { stdout } = await run(process.execPath, ['app.js'], { cwd: app, env, timeout: 90_000 })
    expect(stdout.trim().split('\n')).toEqual([
      'signed up',
      'wrong passphrases refused',
      'a reader may not write',
      'TCP and WebSocket nodes write one hypha',
      'messages arrive',
      'any writer authorises, after the origin has gone',
      'a reader by hyphalink sees what is public',
      'nodes of one process meet in memory',
      'the machines are there',
      'closed',
    ])
  }, 120_000)

  it('runs the lines of README.md', async () => {
    const readme = await readFile(join(app, 'node_modules/hypha-runtime/README.md'), 'utf8')
    const code = /```js\n(.*?)```/s.exec(readme)?.[1] ?? ''
    expect(code.match(/^(?!\s*(\/\/|$))/gm)?.length).toBeLessThanOrEqual(11)
    const alwaysOn = await createAlwaysOnNode({ port: 0 })
    try {
      const end = `
        await new Promise((resolve) => {
          const look = async () => (await laptop.get('notes/2')) && resolve()
          laptop.watch('notes/2', look)
          look()
        })
        await phone.close()
        await laptop.close()`
      await writeFile(join(app, 'readme.js'), code.replaceAll('http://127.0.0.1:4280', alwaysOn.url) + end)
      const { stdout } = await run(process.execPath, ['readme.js'], { cwd: app, env, timeout: 60_000 })
      expect(stdout).toContain("notes/1 { text: 'hello' }")
      expect(stdout).toContain("notes/2 { text: 'hello from the phone' }")
    } finally {
      await alwaysOn.close()
    }
  })

  // XState's own types don't hold with exactOptionalPropertyTypes, so only one of the two is asked of them.
  it.each([
    { skipLibCheck: true, exactOptionalPropertyTypes: true },
    { skipLibCheck: false, exactOptionalPropertyTypes: false },
  ])('gives a strict TypeScript consumer its types: %o', async (chosen) => {
    const options = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      module: 'nodenext',
      lib: ['es2023'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      noUncheckedIndexedAccess: true,
      ...chosen,
    }
    const config = join(app, 'tsconfig.json')
    await writeFile(config, JSON.stringify({ compilerOptions: options, files: ['types.ts'] }))
    const tsc = join(root, 'node_modules/.bin/tsc')
    const said = await run(tsc, ['-p', config], { cwd: app, env }).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout,
    )
    expect(said).toBe('')
  })
})

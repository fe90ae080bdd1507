import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAlwaysOnNode } from '../src/always-on/index.js'
import { shellEnv as env, type InstalledPackage, installPackage, installTogether } from './packed.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const fixtures = fileURLToPath(new URL('fixtures/consumer', import.meta.url))
const run = promisify(execFile)

/** `npm run test:install` takes them one by one, and with other package managers. */
const NEIGHBOURS = [
  'hyperswarm@4.17.2',
  'hypercore@11',
  'corestore@7',
  'sodium-native@5',
  'sodium-universal@5',
]

let installed: InstalledPackage
let app = ''

beforeAll(async () => {
  installed = await installPackage()
  app = installed.app
  await cp(fixtures, app, { recursive: true })
}, 300_000)

afterAll(() => installed?.remove())

describe('the package, installed into an empty project', () => {
  it('holds what is built, documents and nothing else', () => {
    const { files } = installed
    const odd = files.filter(
      (file) =>
        !/^package\/(dist\/.+\.(js|d\.ts)|dist\/(web|inspector)\/.+\.(html|css|svg)|dist\/THIRD-PARTY\.txt|docs\/.+\.(md|svg|png)|README\.md|LICENSE|package\.json)$/.test(
          file,
        ),
    )
    expect(odd).toEqual([])
    expect(files).not.toContain('package/dist/stale.js')
    expect(files).toContain('package/dist/cli/main.js')
    expect(files).toContain('package/dist/web/index.html')
    expect(files).toContain('package/dist/browser/index.js')
    expect(files).toContain('package/dist/browser/inspector.js')
    expect(files).toContain('package/dist/inspector/index.html')
    expect(files).toContain('package/dist/THIRD-PARTY.txt')
  })

  it('has the licence of each package that is in it', async () => {
    const notices = await readFile(join(app, 'node_modules/hypha-runtime/dist/THIRD-PARTY.txt'), 'utf8')
    for (const name of [
      'hyperdb 3.5.0',
      'hypercore 6.26.0',
      'libsodium 0.8.4',
      'simple-peer',
      'preact',
      'siphash24',
    ])
      expect(notices).toMatch(new RegExp(`^${name}.* \\(MIT|ISC\\)`, 'm'))
    expect(notices).toContain('Permission is hereby granted')
  })

  it('has an engine that looks at nothing outside, and installs nothing that runs a script', async () => {
    const engine = await readFile(
      join(app, 'node_modules/hypha-runtime/dist/adapters/database/engine.js'),
      'utf8',
    )
    const imported = [...engine.matchAll(/^import\b.*"(.+)";?$/gm)].map(([, name]) => name)
    expect(imported.length).toBeGreaterThan(0)
    expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([])
    // What is left of require is within the bundle, or never reached.
    expect(engine).not.toMatch(/\brequire\(|createRequire/)

    const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8'))
    const installed: [string, { hasInstallScript?: boolean }][] = Object.entries(lock.packages)
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([])
    expect(installed.map(([path]) => path).join()).not.toMatch(/hypercore|hyperdb|sodium-(native|universal)/)
  })

  it('brings the packages that docs/dependencies.md names, and no others', async () => {
    const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8'))
    const names = Object.keys(lock.packages).filter((path) => path !== '')
    const page = await readFile(join(app, 'node_modules/hypha-runtime/docs/dependencies.md'), 'utf8')
    const [, rows = ''] = /\n\|---\|---\|---\|\n(.*?)\n\n/s.exec(page) ?? []
    const told = [...rows.matchAll(/(?<=^\| |, |\| )`([^`()]+)`/gm)].map(([, name]) => `node_modules/${name}`)
    expect(told.sort()).toEqual(names.sort())
    expect(page).toContain(`adds ${names.length} packages`)
  })

  it('works beside the later packages of the same names, and what else brings a sodium', async () => {
    const beside = join(app, '../beside')
    await installTogether(beside, [installed.tarball, ...NEIGHBOURS])
    await cp(join(fixtures, 'beside.js'), join(beside, 'beside.js'))
    const { stdout } = await run(process.execPath, ['beside.js'], { cwd: beside, env })
    expect(stdout).toBe('works\n')
  }, 300_000)

  /** Makes one file of the fixture, runs it alone in a folder, and gives what it said. */
  const runBundled = async (name: string, options: BuildOptions): Promise<string> => {
    const alone = join(app, `../${name}`)
    const outfile = join(alone, 'beside.cjs')
    const entryPoints = [join(app, 'beside.js')]
    await build({
      entryPoints,
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
      ...options,
    })
    return (await run(process.execPath, ['beside.cjs'], { cwd: alone, env })).stdout
  }

  it('works from one file of CommonJS that esbuild has made, alone in a folder', async () => {
    expect(await runBundled('alone', {})).toBe('works\n')
  })

  it('works where a bundler puts empty modules in the place of packages that are missing, as Next’s webpack', async () => {
    const empty: Plugin = {
      name: 'empty',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^(bufferutil|utf-8-validate)$/ }, ({ path }) => ({ path, namespace: 'empty' }))
        onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }))
      },
    }
    const define = { __webpack_require__: 'require' }
    expect(await runBundled('emptied', { plugins: [empty], define })).toBe('works\n')
  })

  it('works where another realm’s arrays are among the globals, as in a test environment that emulates a browser', async () => {
    const realm = "import vm from 'node:vm'; globalThis.Uint8Array = vm.runInNewContext('Uint8Array')"
    const args = ['--import', `data:text/javascript,${encodeURIComponent(realm)}`, 'beside.js']
    await rm(join(app, 'laptop'), { recursive: true, force: true })
    const { stdout } = await run(process.execPath, args, { cwd: app, env })
    expect(stdout).toBe('works\n')
  })

  it('works where file handles can do less, as those of Yarn’s Plug’n’Play', async () => {
    const lesser = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { open } = fs.promises
      const fail = () => { throw new Error('Method not implemented.') }
      fs.promises.open = async (...args) =>
        Object.assign(await open(...args), { sync: fail, datasync: fail, utimes: fail, readv: fail })
      syncBuiltinESMExports()`
    const args = ['--import', `data:text/javascript,${encodeURIComponent(lesser)}`, 'beside.js']
    await rm(join(app, 'laptop'), { recursive: true, force: true })
    const { stdout } = await run(process.execPath, args, { cwd: app, env })
    expect(stdout).toBe('works\n')
  })

  it('tells those who do not read exports the same as exports do', async () => {
    const manifest = await readFile(join(app, 'node_modules/hypha-runtime/package.json'), 'utf8')
    const { exports, main, browser, types, typesVersions } = JSON.parse(manifest)
    const { '.': own, './package.json': _, ...entries } = exports
    expect({ types, default: main }).toEqual({ types: own.types, default: own.default })
    const paths = Object.keys(entries)
    expect(typesVersions['*']).toEqual(
      Object.fromEntries(paths.map((path) => [path.slice(2), [entries[path].types]])),
    )
    const ofPages = paths.filter((path) => path !== './always-on')
    expect(browser).toEqual({
      [main]: own.browser,
      ...Object.fromEntries(ofPages.map((path) => [path, entries[path].browser ?? entries[path].default])),
    })
  })

  it('has nothing wrong in its types, says attw, for each way that TypeScript resolves', async () => {
    const found = await checkPackage(createPackageFromTarballData(await readFile(installed.tarball)))
    if (!found.types) throw new Error('attw found no types')
    // CommonJS gets an ES module: Node 20.19 and later can require one.
    expect(found.problems.filter(({ kind }) => kind !== 'CJSResolvesToESM')).toEqual([])
    const { stdout } = await run(
      process.execPath,
      [
        '-p',
        "typeof require('hypha-runtime').createNode + typeof require('hypha-runtime/testing').createWire",
      ],
      { cwd: app, env },
    )
    expect(stdout).toBe('functionfunction\n')
  })

  it('is packed as publint wants it', async () => {
    const { messages } = await publint({
      pack: { tarball: new Uint8Array(await readFile(installed.tarball)).buffer },
      strict: true,
    })
    // It suggests exports in place of `browser`. There are both: some bundlers read the one alone.
    expect(messages.map(({ code }) => code)).toEqual(['USE_EXPORTS_OR_IMPORTS_BROWSER'])
  })

  it('names nothing that a bundler would have to take along', async () => {
    const { files } = installed
    const modules = files.filter((file) =>
      /^package\/dist\/(?!cli\/|web\/|inspector\/assets\/).+\.js$/.test(file),
    )
    expect(modules.length).toBeGreaterThan(100)
    const naming: string[] = []
    for (const file of modules) {
      const code = await readFile(
        join(app, 'node_modules/hypha-runtime', file.slice('package/'.length)),
        'utf8',
      )
      if (/new URL\([^()]*import\.meta\.url/.test(code)) naming.push(file)
    }
    expect(naming).toEqual([])
  })

  it('has client boundaries where server components need them', async () => {
    for (const entry of ['react', 'store']) {
      const file = join(app, `node_modules/hypha-runtime/dist/ui-bridge/${entry}/index.js`)
      expect(await readFile(file, 'utf8')).toMatch(/^'use client'/)
    }
  })

  it('brings the command', async () => {
    const command = join(app, 'node_modules/.bin/hypha')
    const { stdout } = await run(command, ['status', '--json', '--data', join(app, 'data')], {
      cwd: app,
      env,
    })
    expect(JSON.parse(stdout)).toMatchObject({ state: 'signedOut' })
  })

  it('resolves every entry of exports, by import', async () => {
    // Whoever wants the hooks has React.
    await symlink(join(root, 'node_modules/react'), join(app, 'node_modules/react'))
    const { exports } = JSON.parse(
      await readFile(join(app, 'node_modules/hypha-runtime/package.json'), 'utf8'),
    )
    for (const [path, conditions] of Object.entries(exports)) {
      expect(conditions, path).toHaveProperty('default')
      const name = path.replace('.', 'hypha-runtime')
      const how = path.endsWith('.json') ? `, { with: { type: 'json' } }` : ''
      // A page's workers are scripts: they only have to be harmless.
      const least = path.endsWith('-worker') ? 0 : 1
      const script = `if (Object.keys(await import('${name}'${how})).length < ${least}) process.exit(1)`
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
  })

  it('says what to install for what needs more, and only when that is started', async () => {
    const script = `
      import { hyperswarm, webRTC } from 'hypha-runtime'
      import { createAlwaysOnNode } from 'hypha-runtime/always-on'
      const host = { connection() {}, error() {}, dial() {}, seal: { seal: (bytes) => bytes, open() {} } }
      for (const start of [
        () => hyperswarm().start(new Uint8Array(32), host),
        () => createAlwaysOnNode({ port: 0, swarm: true }),
        () => webRTC({ signalling: 'http://127.0.0.1:1' }).start(new Uint8Array(32), host),
      ])
        await start().then(
          () => console.log('started'),
          ({ code, message }) => console.log(code, /npm install [@/a-z]+/.exec(message)?.[0]),
        )`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: app, env })
    expect(stdout.trim().split('\n')).toEqual([
      'TRANSPORT_UNAVAILABLE npm install hyperswarm',
      'TRANSPORT_UNAVAILABLE npm install hyperswarm',
      'TRANSPORT_UNAVAILABLE npm install @roamhq/wrtc',
    ])
  })

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

  /** What the compiler of a project beside the installed package says of some of its files. */
  const compile = async (files: readonly string[], chosen: object): Promise<string> => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      noUncheckedIndexedAccess: true,
      ...chosen,
    }
    const config = join(app, 'tsconfig.json')
    await writeFile(config, JSON.stringify({ compilerOptions, files }))
    const tsc = join(root, 'node_modules/.bin/tsc')
    return run(tsc, ['-p', config], { cwd: app, env }).then(
      ({ stdout }) => stdout,
      ({ stdout }) => stdout,
    )
  }

  // XState's own types don't hold with exactOptionalPropertyTypes, so only one of the two is asked of them.
  it.each([
    { skipLibCheck: true, exactOptionalPropertyTypes: true },
    { skipLibCheck: false, exactOptionalPropertyTypes: false },
  ])('gives a strict TypeScript consumer its types: %o', async (chosen) => {
    const options = {
      module: 'nodenext',
      lib: ['es2023'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    expect(await compile(['types.ts'], { ...options, ...chosen })).toBe('')
  })

  it.each([
    'bundler',
    'nodenext',
  ])('gives a page its types without those of Node, all of them checked: %s', async (moduleResolution) => {
    // Whoever wants the hooks has React, and its types.
    const types = join(app, 'node_modules/@types')
    await mkdir(types, { recursive: true })
    await rm(join(types, 'react'), { force: true })
    await symlink(join(root, 'node_modules/@types/react'), join(types, 'react'))
    const manifest = await readFile(join(app, 'node_modules/hypha-runtime/package.json'), 'utf8')
    const entries = Object.keys(JSON.parse(manifest).exports).filter((path) => !path.endsWith('.json'))
    const text = entries.map((path, i) => `export * as e${i} from '${path.replace('.', 'hypha-runtime')}'\n`)
    await writeFile(join(app, 'every-entry.ts'), text.join(''))
    const said = await compile(['page-types.ts', 'every-entry.ts'], {
      module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
      moduleResolution,
      lib: ['es2022', 'dom'],
      types: [],
      skipLibCheck: false,
    })
    expect(said).toBe('')
  })
})

import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = (path: string) => join(root, 'src', path)

/** What readers import, where it is here. */
const PATHS = {
  'hypha-runtime': [source('index.ts')],
  'hypha-runtime/always-on': [source('always-on/index.ts')],
  'hypha-runtime/inspector': [source('ui-bridge/inspector/index.ts')],
  'hypha-runtime/machines': [source('machines/index.ts')],
  'hypha-runtime/react': [source('ui-bridge/react/index.ts')],
  'hypha-runtime/store': [source('ui-bridge/store/index.ts')],
  'hypha-runtime/testing': [source('testing/index.ts')],
}

/** Only ends what hangs. */
const LATEST_MS = 300_000

const snippetsOf = async (file: string): Promise<{ kind: string; code: string }[]> => {
  const text = await readFile(join(root, file), 'utf8')
  return [...text.matchAll(/^```(tsx?)\n(.*?)^```/gms)].map(([, kind = '', code = '']) => ({ kind, code }))
}

const runNode = (args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    // Node's test runner prints otherwise when it is itself below one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...env, TSX_TSCONFIG_PATH: join(cwd, 'tsconfig.json') },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })

let folder = ''
/** File → code. */
const files = new Map<string, string>()

const pages = await readdir(join(root, 'docs/statecharts'))
const documents = [
  'docs/testing.md',
  'docs/user-interfaces.md',
  'docs/roads.md',
  ...pages.map((name) => `docs/statecharts/${name}`),
].filter((file) => file.endsWith('.md'))
for (const file of documents)
  for (const [index, { kind, code }] of (await snippetsOf(file)).entries())
    files.set(`${file.replace(/\W+/g, '-')}-${index + 1}.${kind}`, code)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-docs-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'))
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        ...compilerOptions,
        jsx: 'react-jsx',
        lib: [...compilerOptions.lib, 'dom', 'dom.iterable'],
        typeRoots: [join(root, 'node_modules/@types')],
        paths: PATHS,
      },
      files: [
        ...files.keys(),
        ...(await readdir(source(''), { recursive: true }))
          .filter((path) => path.endsWith('.d.ts'))
          .map(source),
      ],
    }),
  )
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const [name, code] of files) await writeFile(join(folder, name), code)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the code in docs', { timeout: LATEST_MS }, () => {
  it('compiles as readers would write it', async () => {
    const { code, output } = await runNode(
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
      folder,
    )
    expect(output).toBe('')
    expect(code).toBe(0)
  })

  const RUNNING = /^docs-(roads|testing|user-interfaces)-.*\.ts$/
  it.each([...files.keys()].filter((name) => RUNNING.test(name)))('%s runs', async (name) => {
    const { code, output } = await runNode([join(root, 'node_modules/tsx/dist/cli.mjs'), name], folder)
    expect(code, output).toBe(0)
  })
})

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createNode } from '../../../src/index.js'
import { readSources, type SourceFile, withoutComments } from '../../imports.js'

const source = (path: string): string => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url))

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-inspector-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** What a file needs when it runs in a page, and what that needs. */
const reached = (sources: readonly SourceFile[], path: string, files = new Map<string, SourceFile>()) => {
  const twin = path.replace(/\.ts$/, '.browser.ts')
  const file = sources.find((other) => other.path === twin) ?? sources.find((other) => other.path === path)
  if (!file || files.has(path)) return files
  files.set(path, file)
  for (const { file: next, isType } of file.imports)
    if (next && !isType) reached(sources, next.replace(/\.js$/, '.ts'), files)
  return files
}

it('in a page the inspector needs nothing of Node, nor of any package', async () => {
  const files = reached(await readSources(dirname(source('index.ts'))), 'ui-bridge/inspector/index.ts')
  expect([...files.keys()]).toContain('ui-bridge/inspector/recorder.ts')
  for (const { path, imports, text } of files.values()) {
    expect(
      imports.filter(({ file, isType }) => !file && !isType),
      path,
    ).toEqual([])
    expect(withoutComments(text), path).not.toMatch(/\b(Buffer|process)\b(?=[.[(])/)
  }
})

it('a copy in another bundle, with what every page has and no more, inspects a node', async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      target: 'es2022',
      outDir: directory,
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      lib: {
        entry: source('ui-bridge/inspector/index.ts'),
        formats: ['iife'],
        name: 'inspector',
        fileName: () => 'inspector.js',
      },
    },
  })
  const text = await readFile(join(directory, 'inspector.js'), 'utf8')
  const heard: unknown[] = []
  const node = createNode({ name: 'laptop' })
  const page = createContext({
    performance,
    setTimeout,
    clearTimeout,
    queueMicrotask,
    TextEncoder,
    TextDecoder,
    URL,
    node,
    hear: (json: string) => heard.push(JSON.parse(json)),
  })
  runInContext(text, page)
  try {
    runInContext('const inspection = inspector.inspect(node)', page)
    await node.signUp({ domain: 'alice.example' })
    runInContext(
      `const session = inspector.parseSession(JSON.stringify(inspector.createSession([inspection.recording()])))
      const { actors } = inspector.createTimeline(session.recordings[0]).at(Infinity)
      hear(JSON.stringify([session.recordings[0].node, [...actors.values()].find(({ source }) => source === 'node').snapshot.value]))
      inspection.detach()`,
      page,
    )
    expect(heard).toEqual([[{ rootId: expect.any(String), name: 'laptop', kind: 'node' }, 'origin']])
  } finally {
    await node.close()
  }
})

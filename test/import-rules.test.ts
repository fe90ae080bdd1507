import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  findCycles,
  importFaults,
  MAX_LINES,
  otherFaults,
  packageFaults,
  readImports,
  readSources,
  type SourceFile,
  twinFaults,
} from './imports.js'

const file = (path: string, text: string): SourceFile => ({ path, text, imports: readImports(path, text) })

describe('the house', async () => {
  const sources = await readSources(fileURLToPath(new URL('../src', import.meta.url)))

  it('is read whole', () => {
    expect(sources.length).toBeGreaterThan(50)
    const node = sources.find(({ path }) => path === 'machines/node.ts')
    expect(node?.imports.map(({ specifier }) => specifier)).toContain('./peer.js')
  })

  it('has imports that point one way', () => {
    expect(sources.flatMap(importFaults)).toEqual([])
  })

  it('has packages that one file alone imports', () => {
    expect(sources.flatMap(packageFaults)).toEqual([])
  })

  it('has no circles', () => {
    expect(findCycles(sources)).toEqual([])
  })

  it('has twins that export the same where platforms differ', () => {
    expect(sources.filter(({ path }) => path.endsWith('.browser.ts')).length).toBeGreaterThan(3)
    expect(twinFaults(sources)).toEqual([])
  })

  it('has small files that print nothing', () => {
    expect(sources.flatMap(otherFaults)).toEqual([])
  })
})

describe('the rules', () => {
  it('find every way to import', () => {
    const text = `
      import 'a'
      import b, { type B } from "b"
      import type { C } from './c.js'
      export type * from '../d.js'
      export { e } from './e.js'
      import * as f from './f.js'; import {
        g,
        type G,
      } from './g.js'
      const h = await import('./h.js')
      const i = require('i')
      const worker = new URL('./j.js', import.meta.url)
      import type from './k.js'
      // import './no.js'
      /* import './no.js'
         import './no.js' */
      const text = 'http://no' // import('./no.js')
    `
    const found = readImports('x/y.ts', text).map(({ specifier, file, isType }) =>
      [specifier, file, isType ? 'type' : 'value'].filter(Boolean).join(' '),
    )
    expect(found.sort()).toEqual(
      [
        'a value',
        'b value',
        './c.js x/c.js type',
        '../d.js d.js type',
        './e.js x/e.js value',
        './f.js x/f.js value',
        './g.js x/g.js value',
        './h.js x/h.js value',
        'i value',
        './j.js x/j.js value',
        './k.js x/k.js value',
      ].sort(),
    )
  })

  it.each([
    ['machines/a.ts', `import { readFile } from 'node:fs'`],
    ['machines/a.ts', `import type { X } from '../protocol/x.js'`],
    ['protocol/a.ts', `import { x } from '../machines/x.js'`],
    ['protocol/a.ts', `import { x } from '../adapters/crypto/x.js'`],
    ['protocol/a.ts', `import sodium from 'libsodium-wrappers'`],
    ['view/a.ts', `import { x } from '../actors/x.js'`],
    ['view/a.ts', `import type { x } from '../machines/x.js'`],
    ['actors/a.ts', `import { createTransport } from '../adapters/transport/create-transport.js'`],
    // The names are types, but with verbatimModuleSyntax the file is loaded all the same.
    ['actors/a.ts', `import { type Transport } from '../adapters/transport/transport.js'`],
    ['actors/a.ts', `import { nodeMachine } from '../machines/node.js'`],
    ['actors/a.ts', `const { createNode } = await import('../node.js')`],
    ['adapters/crypto/a.ts', `import { x } from '../storage/storage.js'`],
    ['adapters/crypto/a.ts', `import type { X } from '../../machines/node.js'`],
    ['always-on/a.ts', `import { createNode } from '../node.js'`],
    ['api.ts', `import { HyphaError } from './protocol/errors.js'`],
    ['node.ts', `import type { X } from './index.js'`],
    ['nowhere/a.ts', ``],
  ])('refuse that %s has: %s', (path, text) => {
    expect(importFaults(file(path, text))).toHaveLength(1)
  })

  it.each([
    ['machines/a.ts', `import { setup } from 'xstate'\nimport { peerMachine } from './peer.js'`],
    ['actors/a.ts', `import type { X } from '../adapters/crypto/x.js'\nimport { x } from '../protocol/x.js'`],
    [
      'adapters/crypto/a.ts',
      `import type { X } from '../storage/storage.js'\nimport { libsodium } from '../libsodium.js'`,
    ],
    ['node.ts', `import { x } from './adapters/crypto/x.js'`],
    ['index.ts', `export { createNode } from './node.js'`],
  ])('let %s have: %s', (path, text) => {
    expect(importFaults(file(path, text))).toEqual([])
  })

  it('refuse that a package of the engine is imported elsewhere, but for its types', () => {
    const asks = (path: string, text: string) => packageFaults(file(path, text))
    const other = 'adapters/database/a.ts'
    expect(asks(other, `import Hyperdb from 'hyperdb'`)).toHaveLength(1)
    expect(asks(other, `import hash from 'hyperdb/lib/hash.js'`)).toHaveLength(1)
    expect(asks(other, `import type { Feed } from 'hypercore'\nimport { x } from 'hyperdbx'`)).toEqual([])
    expect(asks('adapters/database/engine.ts', `export { default } from 'hyperdb'`)).toEqual([])
  })

  it('find twins that differ; what only browsers have needs none', () => {
    const nodes = file('adapters/x/a.ts', 'export const a = 1\nexport type T = 2')
    expect(twinFaults([nodes, file('adapters/x/a.browser.ts', 'export const a = 3')])).toEqual([])
    expect(twinFaults([nodes, file('adapters/x/a.browser.ts', 'export const b = 3')])).toHaveLength(1)
    const alone = file('adapters/x/b.browser.ts', 'export const a = 3')
    expect(twinFaults([nodes, alone])).toHaveLength(1)
    const asking = file(
      'adapters/x/a.browser.ts',
      `import { a as b } from './b.browser.js'\nexport const a = b`,
    )
    expect(twinFaults([nodes, alone, asking])).toEqual([])
    expect(
      twinFaults([nodes, alone, file('adapters/x/a.ts', `import { a } from './b.browser.js'`)]),
    ).toHaveLength(1)
  })

  it('find circles, long files and printing', () => {
    const circle = [
      file('view/a.ts', `import './b.js'`),
      file('view/b.ts', `import type { C } from './c.js'`),
      file('view/c.ts', `export * from './b.js'`),
    ]
    expect(findCycles(circle)).toEqual(['view/b.ts → view/c.ts → view/b.ts'])
    expect(findCycles(circle.slice(0, 2))).toEqual([])
    expect(otherFaults(file('view/a.ts', `${'\n'.repeat(MAX_LINES)}x`))).toHaveLength(1)
    expect(otherFaults(file('view/a.ts', `console.log('x')`))).toHaveLength(1)
    expect(otherFaults(file('view/a.ts', `// console.log('x')`))).toEqual([])
    expect(otherFaults(file('cli/main.ts', `console.log('x')`))).toEqual([])
  })
})

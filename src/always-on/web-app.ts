import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { answer } from './answer.js'
import { SECURITY_HEADERS } from './security-headers.js'

export interface WebApp {
  /** Whether there is one. Rejects only when its files are there and can't be read. */
  isBuilt(): Promise<boolean>
  /** Answers if the path is a file of the app; false when it isn't. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

interface File {
  readonly bytes: Buffer
  readonly type: string
  readonly caching: string
  readonly etag: string
  /** Made when it is first asked for. */
  zipped?: Promise<Buffer | undefined>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}
/** Packed already. */
const DENSE = new Set(['image/png', 'font/woff2'])

/**
 * A folder of this package; none when a bundle has taken this file out of it. A function, because bundlers take along what a
 * `new URL` beside import.meta.url names, and some refuse to build where that is a folder.
 */
const besideFile = (path: string, file: string | undefined): URL | undefined =>
  file !== undefined && /\/always-on\/web-app\.[jt]s$/.test(file) ? new URL(path, file) : undefined
/** Of this package, from src/always-on/ and dist/always-on/ alike. */
const OWN = besideFile('../../dist/web/', import.meta.url)
const OWN_INSPECTOR = besideFile('../../dist/inspector/', import.meta.url)

const zip = promisify(gzip)

const cachingOf = (path: string): string => {
  // Vite puts the hash of its contents into the name of each of these.
  if (path.startsWith('/assets/')) return 'public, max-age=31536000, immutable'
  return path.endsWith('.html') ? 'no-store' : 'no-cache'
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

/** Everything in a folder by its path. What is asked for is looked up among these: no request makes a file name. */
const load = async (folder: URL | undefined): Promise<ReadonlyMap<string, File>> => {
  const files = new Map<string, File>()
  const enter = async (place: URL, path: string): Promise<void> => {
    for (const item of await readdir(place, { withFileTypes: true })) {
      const name = encodeURIComponent(item.name)
      if (item.isDirectory()) await enter(new URL(`${name}/`, place), `${path}${name}/`)
      if (!item.isFile()) continue
      const bytes = await readFile(new URL(name, place))
      const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
      files.set(path + name, {
        bytes,
        type: TYPES[extname(item.name)] ?? 'application/octet-stream',
        caching: cachingOf(path + name),
        etag: hash,
      })
    }
  }
  if (!folder) return files
  try {
    await enter(folder, '/')
  } catch (error) {
    if (!isMissing(error)) throw error
    return new Map()
  }
  return files
}

/** Whether a header names gzip, and not as `gzip;q=0`. */
const takesGzip = (header: string | string[] | undefined): boolean =>
  /(^|,)\s*(gzip|\*)\s*(?!;\s*q=0(\.0*)?\s*(,|$))(;|,|$)/i.test(String(header ?? ''))

const isKnown = (header: string | undefined, etag: string): boolean =>
  String(header ?? '')
    .split(',')
    .map((item) => item.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === etag)

/** The inspector's page as {@link createWebApp} serves an app: paths begin below where it is. */
export const createInspectorApp = (folder?: string): WebApp => createApp(folder, OWN_INSPECTOR)

/** The built web app, read once from `folder` when it is first asked for, and served from memory. */
export const createWebApp = (folder?: string): WebApp => createApp(folder, OWN)

const createApp = (folder: string | undefined, own: URL | undefined): WebApp => {
  const place = folder === undefined ? own : pathToFileURL(`${folder}/`)
  let loading: Promise<ReadonlyMap<string, File>> | undefined
  const files = async () => {
    loading ??= load(place)
    const found = await loading.catch((error: unknown) => {
      loading = undefined
      throw error
    })
    // Built while the server runs: looked for again.
    if (found.size === 0) loading = undefined
    return found
  }

  const zipped = (file: File) => {
    file.zipped ??= DENSE.has(file.type)
      ? Promise.resolve(undefined)
      : zip(file.bytes, { level: 9 }).then((bytes) => (bytes.length < file.bytes.length ? bytes : undefined))
    return file.zipped
  }

  return {
    isBuilt: async () => (await files()).has('/index.html'),
    serve: async (path, request, response) => {
      const file = (await files()).get(path === '/' ? '/index.html' : path)
      if (!file) return false
      const small = takesGzip(request.headers['accept-encoding']) ? await zipped(file) : undefined
      const etag = `"${file.etag}${small ? '-gzip' : ''}"`
      const known = { ETag: etag, Vary: 'Accept-Encoding', 'Cache-Control': file.caching }
      if (isKnown(request.headers['if-none-match'], etag)) {
        response.writeHead(304, { ...SECURITY_HEADERS, ...known }).end()
        return true
      }
      const headers = { ...known, ...(small ? { 'Content-Encoding': 'gzip' } : {}) }
      answer(request, response, { status: 200, type: file.type, body: small ?? file.bytes, headers })
      return true
    },
  }
}

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface Served {
  readonly path: string
  /** As it went over the wire: gzipped, without headers. */
  readonly bytes: number
}

export interface StaticServer {
  readonly url: string
  /** All that was asked for and found, in turn. */
  readonly served: readonly Served[]
  close(): Promise<void>
}

/** Serves a folder on loopback as any good host does, gzipped, and counts. */
export const serveFolder = async (
  folder: string,
  { headers = {} }: { headers?: Readonly<Record<string, string>> } = {},
): Promise<StaticServer> => {
  const served: Served[] = []
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = join(folder, normalize(path === '/' ? '/index.html' : path))
    const found = await readFile(file).catch(() => undefined)
    if (!found) return void response.writeHead(404).end()
    const body = gzipSync(found)
    served.push({ path, bytes: body.length })
    response.writeHead(200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Encoding': 'gzip',
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** The decoder that libsodium brings along, called with its WebAssembly as base64. */
const DECODER =
  /\(A=>\{for\(var I,g,C=0,B=0,Q=\d+,E=new Uint8Array\(.{0,400}?return E\}\)\("([A-Za-z0-9+/]{100000,}={0,2})"\)/

const inflate = async (base64: string): Promise<Uint8Array> => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/**
 * Compresses libsodium's WebAssembly before it becomes base64, which hides from a server's gzip what could be saved: 28 KB
 * less over the wire, and half of what a page has to parse.
 */
export const smallerLibsodium = (): Plugin => ({
  name: 'hypha-runtime:smaller-libsodium',
  apply: 'build',
  transform(code, id) {
    if (!/\/libsodium(-sumo)?\.mjs$/.test(id)) return null
    const [call, base64] = DECODER.exec(code) ?? []
    if (!call || !base64)
      throw new Error('libsodium keeps its WebAssembly in another way now: see smaller-libsodium.ts.')
    const smaller = deflateRawSync(Buffer.from(base64, 'base64'), { level: 9 }).toString('base64')
    return { code: code.replace(call, () => `await (${inflate})("${smaller}")`), map: null }
  },
})

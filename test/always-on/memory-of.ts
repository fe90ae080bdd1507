import { open, readFile } from 'node:fs/promises'

const CHUNK_BYTES = 16 * 1024 * 1024

export interface Needle {
  readonly what: string
  readonly bytes: Buffer
}

/** A text as a process may hold it: in UTF-8, as V8's two-byte strings are, and with each byte a character. */
export const textNeedles = (what: string, text: string): Needle[] => [
  { what: `${what} (UTF-8)`, bytes: Buffer.from(text, 'utf8') },
  { what: `${what} (UTF-16)`, bytes: Buffer.from(text, 'utf16le') },
  { what: `${what} (Latin-1)`, bytes: Buffer.from(text, 'latin1') },
]

/** Bytes as they are, and as hex and base64 write them. */
export const bytesNeedles = (what: string, bytes: Uint8Array): Needle[] => {
  const raw = Buffer.from(bytes)
  return [
    { what: `${what} (raw)`, bytes: raw },
    ...textNeedles(`${what} (hex)`, raw.toString('hex')),
    ...textNeedles(`${what} (base64)`, raw.toString('base64').replace(/=+$/, '').slice(0, -1)),
    ...textNeedles(`${what} (base64url)`, raw.toString('base64url').slice(0, -1)),
  ]
}

/** Which needles occur in some bytes. */
export const search = (haystack: Buffer, needles: readonly Needle[]): string[] =>
  needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ what }) => what)

/** Which needles occur anywhere in what a process can read of its own memory; and how much that is. */
export const searchMemory = async (
  pid: number,
  needles: readonly Needle[],
): Promise<{ found: string[]; bytes: number }> => {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8')
  const memory = await open(`/proc/${pid}/mem`, 'r')
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length))
  const found = new Set<string>()
  let total = 0
  try {
    for (const line of maps.trim().split('\n')) {
      const [, from, to, mode, name = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line) ?? []
      // Of programs and libraries only what was written to since is the process's own.
      if (
        !from ||
        !to ||
        !mode?.startsWith('r') ||
        name.startsWith('[v') ||
        (name.startsWith('/') && mode[1] !== 'w')
      )
        continue
      const end = Number.parseInt(to, 16)
      let carried = Buffer.alloc(0)
      for (let at = Number.parseInt(from, 16); at < end; ) {
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, end - at))
        const { bytesRead } = await memory.read(chunk, 0, chunk.length, at).catch(() => ({ bytesRead: 0 }))
        if (bytesRead === 0) break
        const haystack = Buffer.concat([carried, chunk.subarray(0, bytesRead)])
        for (const what of search(haystack, needles)) found.add(what)
        carried = haystack.subarray(Math.max(0, haystack.length - overlap))
        at += bytesRead
        total += bytesRead
      }
    }
  } finally {
    await memory.close()
  }
  return { found: [...found], bytes: total }
}

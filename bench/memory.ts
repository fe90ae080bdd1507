/**
 * Whether memory follows what is there: two nodes and their always-on node, all on disk, under a load that stays the same (puts that
 * overwrite a few entries, messages, a link that is cut again and again), and the heap of all three after garbage collection,
 * at the beginning and at the end. Run: npm run bench -- memory [--minutes N] [--small] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createAlwaysOnNode } from '../src/always-on/index.js'
import { createNode, fileStorage, webSocket } from '../src/index.js'
import { createWire } from '../src/testing/index.js'
import { median } from './median.js'

const MINUTES = 10
const SMALL_MINUTES = 0.25
/** A turn of the load: a put, two messages. */
const TURN_MS = 40
const CUT_EVERY_MS = 4_000
const NAMES = 97
const SAMPLES = 40
const DOMAIN = 'bench.example'

const heap = async (): Promise<number> => {
  for (let round = 0; round < 3; round++) {
    await setImmediate()
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

interface Options {
  readonly minutes?: number
  readonly small?: boolean
}

export const bench = async ({ small, minutes = small ? SMALL_MINUTES : MINUTES }: Options = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-bench-memory-'))
  const server = await createAlwaysOnNode({ port: 0, storage: fileStorage(join(directory, 'server')) })
  const wire = await createWire({ to: server.url })
  const laptop = createNode({
    name: 'Laptop',
    storage: fileStorage(join(directory, 'laptop')),
    transports: [webSocket(server.url)],
  })
  const phone = createNode({
    name: 'Phone',
    storage: fileStorage(join(directory, 'phone')),
    transports: [webSocket(wire.url)],
  })
  try {
    laptop.on('authorisation-requested', ({ id }) => void laptop.authorise(id))
    const { passphrase } = await laptop.signUp({ domain: DOMAIN })
    const authorised = new Promise((resolve) => phone.on('authorised', resolve))
    await phone.signIn({ domain: DOMAIN, passphrase })
    await authorised
    const counts = { puts: 0, sent: 0, heard: 0, cuts: 0 }
    phone.on('message', () => counts.heard++)
    // What breaks here is meant to.
    for (const node of [laptop, phone]) node.on('error', () => {})

    const samples: number[] = []
    const begun = performance.now()
    const length = minutes * 60_000
    let nextCut = CUT_EVERY_MS
    while (performance.now() - begun < length) {
      const i = counts.puts++
      await (i % 2 === 0 ? laptop : phone).put(`notes/${i % NAMES}`, { text: 'v'.repeat(100), i })
      for (let k = 0; k < 2; k++) {
        counts.sent++
        laptop.broadcast({ i, k })
      }
      const now = performance.now() - begun
      if (now > nextCut) {
        nextCut += CUT_EVERY_MS
        counts.cuts++
        await wire.cut({ how: 'reset', healsAfter: 100 })
      }
      if (now > (samples.length * length) / SAMPLES) {
        samples.push(await heap())
        process.stderr.write(
          `${(now / 60_000).toFixed(1)} min: ${(samples.at(-1)! / 2 ** 20).toFixed(1)} MB, ${counts.puts} puts\n`,
        )
      }
      await setTimeout(TURN_MS)
    }
    // The first quarter fills what is filled once, as the memory of messages that were heard; medians, because a link that was just cut is not all gone.
    const warm = samples.slice(SAMPLES / 4)
    const [first, last] = [warm.slice(0, 9), warm.slice(-9)].map(median) as [number, number]
    return [
      {
        name: 'memory',
        minutes,
        ...counts,
        'heap at the beginning, KB': Math.round(first / 1024),
        'heap at the end, KB': Math.round(last / 1024),
        ratio: Number((last / first).toFixed(3)),
        'growth a put, bytes': Math.round((last - first) / (counts.puts * ((warm.length - 9) / SAMPLES))),
      },
    ]
  } finally {
    await Promise.all([laptop.close(), phone.close()])
    await wire.close()
    await server.close()
    await rm(directory, { recursive: true, force: true })
  }
}

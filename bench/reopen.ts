/**
 * How long a node with 10,000 private entries on disk takes to be back: from createNode to its state, and until it has listed
 * them all, each time in a new process whose modules are loaded before, as those of an app that starts are.
 * Run: npm run bench -- reopen [--pairs N] [--json]
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createNode, fileStorage } from '../src/index.js'
import { ENTRIES } from './engine/measures.js'
import { keyOf, sampleOf } from './engine/subject.js'
import { median } from './median.js'
import type { Back } from './reopen/come-back.js'

const RUNS = 12
const TARGET_MS = 500

const fill = async (folder: string): Promise<void> => {
  const node = createNode({ name: 'Writer', storage: fileStorage(folder) })
  await node.signUp({ domain: 'bench.example' })
  for (let i = 0; i < ENTRIES; i++) await node.put(keyOf(i), sampleOf(i))
  await node.close()
}

const comeBack = (folder: string): Back & { readonly process: number } => {
  const start = performance.now()
  const script = fileURLToPath(new URL('./reopen/come-back.js', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [script, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error('A node did not come back.')
  return { ...(JSON.parse(stdout) as Back), process: performance.now() - start }
}

export const bench = async ({ pairs: runs = RUNS }: { readonly pairs?: number } = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-bench-'))
  try {
    const folder = join(directory, 'node')
    await fill(folder)
    const found = Array.from({ length: runs }, () => {
      const back = comeBack(folder)
      if (back.listed !== ENTRIES) throw new Error(`Only ${back.listed} entries came back.`)
      process.stderr.write(
        `back after ${Math.round(back.back)} ms, listed after ${Math.round(back.all)} ms\n`,
      )
      return back
    })
    const of = (what: 'back' | 'all' | 'cpu' | 'process') => Math.round(median(found.map((one) => one[what])))
    return [
      {
        name: 'reopen',
        entries: ENTRIES,
        'until its state, ms': of('back'),
        'target, ms': TARGET_MS,
        'slowest, ms': Math.round(Math.max(...found.map(({ back }) => back))),
        'until all are listed, ms': of('all'),
        'CPU time of that, ms': of('cpu'),
        'whole process, ms': of('process'),
        runs,
      },
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

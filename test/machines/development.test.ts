import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** XState's word for an event that came too late, Node's for all kinds of things, and vitest's mark of anything on stderr. */
const COMPLAINT = /\bwarn(ing)?\b|stopped actor|dead actor|stderr \|/i

const runNode = (args: readonly string[]): Promise<{ code: number | null; output: string }> => {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$)/.test(name)),
  )
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...env, NODE_OPTIONS: '--conditions=development', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

// Only XState's development build says when an event goes to an actor that has ended.
it('hears no complaint when the machines’ tests run on XState’s development build', async () => {
  const { code, output } = await runNode([
    'node_modules/vitest/vitest.mjs',
    'run',
    'test/machines',
    '--exclude=test/machines/development.test.ts',
  ])
  expect(output.split('\n').filter((line) => COMPLAINT.test(line))).toEqual([])
  expect(output).toMatch(/Tests\s+\d+ passed/)
  expect(code).toBe(0)
}, 300_000)

it('would hear one', async () => {
  const { output } = await runNode([
    '--input-type=module',
    '--eval',
    `import { createActor, createMachine } from 'xstate'
    const actor = createActor(createMachine({})).start()
    actor.stop()
    actor.send({ type: 'late' })`,
  ])
  expect(output).toMatch(COMPLAINT)
})

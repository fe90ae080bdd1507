import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

test("hyperdb's own tests pass with the mending loaded", { timeout: 180_000 }, async () => {
  const output = await new Promise<string>((resolve) => {
    const args = ['--import', 'tsx', here('run-hyperdb-suite.ts')]
    const env = { ...process.env, NODE_PATH: here('stubs') }
    execFile(process.execPath, args, { env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
  const failures = output.split('\n').filter((line) => line.startsWith('not ok'))
  expect(failures).toEqual([])
  expect(output).toMatch(/^# tests 1368$/m)
  expect(output).toMatch(/^# pass {2}1368$/m)
})

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { countOf, FAULTS } from '../../scripts/faults/list.js'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** That they are found is shown by `npm run test:faults`. */
describe('a fault that can be planted', () => {
  it('is one of ten or more, each with a name of its own', () => {
    expect(FAULTS.length).toBeGreaterThanOrEqual(10)
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length)
  })

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('has its place: %s', async (_, fault) => {
    expect(countOf(await readFile(path(`src/${fault.file}`), 'utf8'), fault)).toBe(1)
    expect(fault.becomes).not.toBe(fault.text)
    for (const test of fault.tests) expect(existsSync(path(`test/${test}`))).toBe(true)
  })
})

describe('the command that plants them', { timeout: 60_000 }, () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', path('scripts/faults.ts'), ...args])

  it('explains itself, and plants nothing meanwhile', async () => {
    expect((await run('--help')).stdout).toContain('npm run test:faults -- [options] [word]')
    const { stdout } = await run('--list', 'relay')
    expect(stdout.trim().split('\n')).toEqual(
      FAULTS.filter(({ name }) => name.includes('relay')).map(({ name }) => name),
    )
  })

  it('says so when it is called with what it does not have', async () => {
    await expect(run('--lists')).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringContaining('--lists'),
    })
  })
})

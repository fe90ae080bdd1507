import { spawn } from 'node:child_process'
import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openBook } from '../../scripts/statecharts/book.js'
import { createPages, findStale } from '../../scripts/statecharts/pages.js'
import * as machines from '../../src/machines/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

const check = (directory: string): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['node_modules/tsx/dist/cli.mjs', 'scripts/statecharts.ts', '--check'],
      {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })

it('finds the pages as the machines are', async () => {
  expect(
    await findStale(await createPages(machines, await openBook()), join(root, 'docs/statecharts')),
  ).toEqual([])
  expect(await check(root)).toMatchObject({ code: 0 })
}, 300_000)

it('fails when a page was edited or a picture is gone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'statecharts-check-'))
  try {
    for (const part of ['package.json', 'tsconfig.json', 'scripts', 'src/machines', 'docs/statecharts']) {
      await cp(join(root, part), join(directory, part), { recursive: true })
    }
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir')
    await appendFile(join(directory, 'docs/statecharts/node.md'), 'Better.\n')
    await rm(join(directory, 'docs/statecharts/peer.svg'))
    const { code, output } = await check(directory)
    expect(output).toContain('docs/statecharts/node.md differs')
    expect(output).toContain('docs/statecharts/peer.svg differs')
    expect(code).toBe(1)
  } finally {
    await rm(directory, { recursive: true })
  }
}, 300_000)

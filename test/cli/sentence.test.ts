import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { IN_COMMANDS, sentence } from '../../src/cli/sentence.js'
import { HyphaError } from '../../src/index.js'

const src = fileURLToPath(new URL('../../src', import.meta.url))

test('what the runtime tells programmers is told in commands, and is what the runtime says still', async () => {
  const files = (await readdir(src, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('cli'),
  )
  const text = (await Promise.all(files.map((file) => readFile(join(src, file), 'utf8')))).join('\n')
  for (const [theirs, ours] of IN_COMMANDS) {
    expect(text).toContain(theirs)
    expect(sentence(new HyphaError('NOT_OPEN', `ws://example.org: ${theirs}`))).toBe(
      `ws://example.org: ${ours}`,
    )
    expect(ours).not.toMatch(/\w\(\)|claimCode|storage/)
  }
})

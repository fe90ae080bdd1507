import { readdir, readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'

const folder = new URL('../../scripts/statecharts/drive/', import.meta.url)

/** What a snippet says that it prints: the comment behind each `console.log`. */
const promisesOf = (code: string): unknown[] =>
  [...code.matchAll(/^ *console\.log\(.*\) \/\/ (.+)$/gm)].map(([, comment = '']) => {
    const value: unknown = new Function(`return (${comment})`)()
    return value
  })

afterEach(() => void vi.restoreAllMocks())

describe('each snippet of docs/statecharts', async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort()

  it.each(files)('%s prints what it says that it prints', async (file) => {
    const code = await readFile(new URL(file, folder), 'utf8')
    const promised = promisesOf(code)
    expect(promised.length).toBeGreaterThan(2)
    expect(promised.length).toBe(code.match(/console\.log/g)?.length)
    const printed: unknown[] = []
    vi.spyOn(console, 'log').mockImplementation((value: unknown) => void printed.push(structuredClone(value)))
    await import(new URL(file, folder).href)
    expect(printed).toEqual(promised)
  })
})

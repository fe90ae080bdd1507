import { afterEach, describe, expect, it, vi } from 'vitest'
import { argon2 } from '../../../src/adapters/crypto/argon2.js'

/** What the worker runs instead of Argon2id, while a test says so. */
const script = vi.hoisted(() => ({ instead: undefined as string | undefined }))

vi.mock('node:worker_threads', async (original) => {
  const threads = await original<typeof import('node:worker_threads')>()
  class ScriptedWorker extends threads.Worker {
    constructor(url: URL, options: import('node:worker_threads').WorkerOptions) {
      if (script.instead === undefined) super(url, options)
      else super(script.instead, { ...options, eval: true })
    }
  }
  return { ...threads, Worker: ScriptedWorker }
})

afterEach(() => {
  script.instead = undefined
})

describe('the worker that derives keys', () => {
  it.each([
    ['throws', "throw new Error('boom')"],
    ['exits without an answer', 'process.exit(0)'],
    ['answers something else', "require('node:worker_threads').parentPort.postMessage('key')"],
    ['answers too few bytes', "require('node:worker_threads').parentPort.postMessage(new Uint8Array(31))"],
  ])('rejects when it %s, and the passphrase is wiped', async (_, instead) => {
    script.instead = instead
    const passphrase = new Uint8Array(8).fill(1)
    await expect(argon2(passphrase, new Uint8Array(16))).rejects.toThrow('could not be derived')
    expect(passphrase).toEqual(new Uint8Array(8))
  })

  it('derives when it is the real one', async () => {
    expect(await argon2(new Uint8Array(8), new Uint8Array(16))).toHaveLength(32)
  })
})

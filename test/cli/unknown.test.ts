import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DOMAIN, good, hypha, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

/** Many processes, one after the other. */
const LONG_MS = 180_000

test(
  'signing in where nothing of the hypha is: it says so, keeps nothing, and the right passphrase can follow',
  async () => {
    const server = await startAlwaysOn()
    // Of a hypha that was begun elsewhere.
    const mistaken = await signUp()
    const right = await signUp(['--connect', server.url])
    await good(['put', 'a', '1'], { data: right.data })

    const phone = await newFolder()
    const signIn = ['sign-in', DOMAIN, '--connect', server.url, '--passphrase-stdin']
    const asking = start(signIn, { data: phone, input: mistaken.passphrase })
    await asking.says(/nothing of this hypha is there/)
    // It goes on by itself if the first device is connected there; whoever sees the mistake ends it.
    expect(await asking.end('SIGINT')).toBe(1)
    expect(asking.err).toContain('nothing is kept here')
    expect(await readdir(phone)).not.toContain('store')

    const quick = await hypha([...signIn, '--no-request'], { data: phone, input: mistaken.passphrase })
    expect(quick.code).toBe(1)
    expect(quick.err).toContain('nothing of this hypha is there')

    await good([...signIn, '--no-request'], { data: phone, input: right.passphrase })
    expect((await good(['get', 'a'], { data: phone })).out).toBe('1\n')
    expect(await readdir(join(phone, 'store', 'files'))).not.toEqual([])
  },
  LONG_MS,
)

test(
  'signing in before the first device was connected there goes on by itself',
  async () => {
    const server = await startAlwaysOn()
    const laptop = await signUp()
    const phone = start(['sign-in', DOMAIN, '--connect', server.url, '--passphrase-stdin'], {
      data: await newFolder(),
      input: laptop.passphrase,
    })
    await phone.says(/nothing of this hypha is there/)
    const running = start(['run', '--connect', server.url], { data: laptop.data })
    await running.says(/asks to write/)
    await good(['requests', '--yes', '--once'], { data: laptop.data })
    await phone.says(/This node may write/)
    expect(await phone.code).toBe(0)
  },
  LONG_MS,
)

import { expect, test } from 'vitest'
import { createNode, webSocket } from '../../src/index.js'
import { next, reached } from '../node/until.js'
import { atEnd, DOMAIN, good, signUp, start, startAlwaysOn } from './hypha.js'

/** Many processes, on a machine that may be busy. */
const TIMEOUT_MS = 240_000

test(
  'who was away hears from run, nodes and status which device another one let in, until it says that it has seen it',
  async () => {
    const { url } = await startAlwaysOn()
    const { data: laptop, passphrase } = await signUp(['--connect', url])
    const asks = async (name: string) => {
      const node = createNode({ name, transports: [webSocket(url)] })
      atEnd(() => node.close())
      await node.signIn({ domain: DOMAIN, passphrase })
      return node
    }
    const phone = await asks('Phone')
    expect(await start(['requests', '--yes', '--once'], { data: laptop }).code).toBe(0)
    await reached(phone, 'writer')
    const question = next(phone, 'authorisation-requested')
    const tablet = await asks('Tablet')
    await phone.authorise((await question).id)
    await reached(tablet, 'writer')

    const run = start(['run'], { data: laptop })
    await run.says(/^Phone let in Tablet \([0-9a-f]{8}\) on \d{4}-.*\.$/m)
    expect((await good(['status'], { data: laptop })).out).toMatch(/^new +Phone let in Tablet /m)
    expect((await good(['nodes', '--seen'], { data: laptop })).out).toMatch(
      /^Tablet\tsince .*, let in by Phone\t.*\tnew$/m,
    )
    const after = JSON.parse((await good(['status', '--json'], { data: laptop })).out)
    expect(after).toMatchObject({ nodes: [{}, {}, { name: 'Tablet' }], notices: [] })
  },
  TIMEOUT_MS,
)

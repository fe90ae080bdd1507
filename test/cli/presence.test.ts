import { expect, test } from 'vitest'
import { DOMAIN, good, newFolder, signUp, start, startAlwaysOn } from './hypha.js'

test('nodes says who is here and status how much of each is; who has left is gone', async () => {
  const { url } = await startAlwaysOn()
  const { data: laptop, passphrase } = await signUp(['--connect', url])
  const phone = await newFolder()
  const signIn = ['sign-in', DOMAIN, '--connect', url, '--name', 'Phone', '--passphrase-stdin']
  const asking = start(signIn, { data: phone, input: `${passphrase}\n` })
  expect(await start(['requests', '--yes', '--once'], { data: laptop }).code).toBe(0)
  expect(await asking.code).toBe(0)

  const atHome = start(['run'], { data: laptop })
  await atHome.says(/Laptop is origin/)
  const away = start(['run'], { data: phone })
  await away.says(/Phone is writer/)
  /** Asked until the answer is there: it comes when the two have met. */
  const says = async (args: readonly string[], data: string, wanted: RegExp): Promise<void> => {
    for (;;) if (wanted.test((await good(args, { data })).out)) return
  }
  await says(['nodes'], laptop, /^Phone\t.*\there by webSocket, through a relay$/m)
  await says(['nodes'], phone, /^Laptop\t.*\there by webSocket, through a relay$/m)
  expect((await good(['nodes'], { data: laptop })).out).toMatch(/^Laptop\t.*\tthis node$/m)
  await says(['status'], phone, /^of +Laptop: all [\d.]+K? bytes$/m)
  await says(['status'], phone, /^of +Phone: all [\d.]+K? bytes$/m)

  expect(await away.end('SIGTERM')).toBe(0)
  await says(['nodes'], laptop, /^Phone\t.*\tlast seen \d{4}-/m)
  expect(await atHome.end('SIGTERM')).toBe(0)
})

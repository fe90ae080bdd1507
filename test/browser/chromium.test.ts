import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium, launchWithProfile, temporaryProfile } from './chromium.js'
import { type StaticServer, serveFolder } from './static-server.js'

let folder = ''
let server: StaticServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-pages-'))
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><title>Quiet</title>',
  )
  await writeFile(join(folder, 'wild.html'), '<!doctype html><script>throw new Error("wild")</script>')
  server = await serveFolder(folder)
})

afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true })
})

it('lets no complaint of a page pass', async () => {
  const chromium = await launchChromium()
  await chromium.newPage(`${server.url}/wild.html`)
  await expect(chromium.close()).rejects.toThrow('Error: wild')
  const quiet = await launchChromium()
  await quiet.newPage(server.url)
  await quiet.close()
})

it('keeps a profile over an end and over a SIGKILL', async () => {
  const profile = await temporaryProfile()
  const remember = (text: string) => `navigator.storage.getDirectory()
    .then((root) => root.getFileHandle('kept', { create: true }))
    .then((file) => file.createWritable())
    .then((out) => out.write('${text}').then(() => out.close()))`
  const recall = `navigator.storage.getDirectory()
    .then((root) => root.getFileHandle('kept'))
    .then((handle) => handle.getFile())
    .then((file) => file.text())`
  try {
    const first = await launchWithProfile(profile.path)
    await (await first.newPage(server.url)).evaluate(remember('one'))
    await first.close()
    const second = await launchWithProfile(profile.path)
    const page = await second.newPage(server.url)
    expect(await page.evaluate(recall)).toBe('one')
    await page.evaluate(remember('two'))
    await second.kill()
    const third = await launchWithProfile(profile.path)
    expect(await (await third.newPage(server.url)).evaluate(recall)).toBe('two')
    await third.close()
  } finally {
    await profile.remove()
  }
})

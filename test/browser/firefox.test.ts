import wrtc from '@roamhq/wrtc'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AlwaysOnNode, createAlwaysOnNode } from '../../src/always-on/index.js'
import { createNode, webRTC } from '../../src/index.js'
import { arrived, next } from '../node/until.js'
import { type Chromium, launchChromium } from './chromium.js'
import { type Firefox, launchFirefox } from './firefox.js'
import {
  becomeWriter,
  beginNode,
  closeNode,
  type NodePage,
  put,
  read,
  roadsOf,
  sayYes,
  serveNodePage,
  signUp,
} from './node-page.js'

let server: Awaited<ReturnType<typeof serveNodePage>>
let chromium: Chromium
let firefox: Firefox
let introducer: AlwaysOnNode
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await serveNodePage()
  chromium = await launchChromium()
  firefox = await launchFirefox()
  introducer = await createAlwaysOnNode({ port: 0 })
}, 300_000)

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

afterAll(async () => {
  await introducer?.close()
  await chromium?.close()
  await firefox?.close()
  await server?.close()
})

const begin = async (page: NodePage, name: string) => {
  await beginNode(page, name, introducer.url, ['webRTC'])
  ends.push(() => closeNode(page))
  return page
}
const inChromium = async (name: string) => {
  const page = await chromium.newPage(server.url)
  ends.push(() => page.context().close())
  return begin(page, name)
}
const inFirefox = async (name: string) => {
  const page = await firefox.newPage(server.url)
  ends.push(page.close)
  return begin(page, name)
}

/** Longer than one write of a data channel. */
const LONG = 'x'.repeat(300_000)

describe('by WebRTC alone', () => {
  // Who comes later offers: each has to take the other's offer once, and its answer once.
  test.each([
    ['Firefox and Chromium', inFirefox, inChromium],
    ['Chromium and Firefox', inChromium, inFirefox],
    ['Firefox and Firefox', inFirefox, inFirefox],
  ])('%s meet, and each has what the other writes', async (_, first, second) => {
    const laptop = await first('Laptop')
    const passphrase = await signUp(laptop)
    await sayYes(laptop)
    await put(laptop, 'from/laptop', LONG)
    const phone = await second('Phone')
    expect(await becomeWriter(phone, passphrase)).toBe('writer')
    expect(await read(phone, 'from/laptop')).toBe(LONG)
    await put(phone, 'from/phone', LONG)
    expect(await read(laptop, 'from/phone')).toBe(LONG)
    expect(await roadsOf(phone)).toEqual(['webRTC'])
  })

  test.each([
    'a native node',
    'Firefox',
  ])('a native node and Firefox meet: %s was there first', async (first) => {
    const native = createNode({ name: 'Native', transports: [webRTC({ signalling: introducer.url, wrtc })] })
    ends.push(() => native.close())
    const page = await inFirefox('Page')
    if (first === 'a native node') {
      const { passphrase } = await native.signUp({ domain: 'ada.example' })
      native.on('authorisation-requested', ({ id }) => void native.authorise(id))
      await native.put('from/native', LONG)
      expect(await becomeWriter(page, passphrase)).toBe('writer')
    } else {
      const passphrase = await signUp(page)
      await sayYes(page)
      const authorised = next(native, 'authorised')
      await native.signIn({ domain: 'ada.example', passphrase })
      await authorised
      await native.put('from/native', LONG)
    }
    expect(await read(page, 'from/native')).toBe(LONG)
    await put(page, 'from/page', LONG)
    expect(await arrived(native, 'from/page')).toBe(LONG)
  })
})

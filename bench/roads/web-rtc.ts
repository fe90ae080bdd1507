/**
 * Forty megabytes from one page of Chromium to another: replicated by the runtime over WebRTC, and moved over a bare data
 * channel, in turn. Both are measured by who gets the bytes, from the moment the link is up; the runtime's are entries that
 * are opened, verified and stored in memory.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { findChromium } from '../../scripts/test/chromium.js'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import { launchChromium } from '../../test/browser/chromium.js'
import { serveFolder } from '../../test/browser/static-server.js'
import { median } from '../median.js'
import { round } from './arrival.js'
import { RAW_CHANNEL } from './raw-channel.js'

const PAIRS = 8
const TRIES = 3
const ENTRIES = 640
const VALUE_BYTES = 64 * 1024
const BYTES = ENTRIES * VALUE_BYTES
/** How much a bare channel may have waiting: the one that serves it best is found first. */
const BUFFERED = [64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024]
const DOMAIN = 'web-rtc.example'

const call = <T>(page: Page, method: string, give?: unknown): Promise<T> =>
  page.evaluate<T>(`raw.${method}(${give === undefined ? '' : JSON.stringify(give)})`)

const moveRaw = async (from: Page, to: Page, buffered: number): Promise<number> => {
  const sdp = await call<string>(from, 'offer')
  const answer = await call<string>(to, 'answer', { sdp, bytes: BYTES })
  await call(from, 'accept', answer)
  const sending = call(from, 'send', { bytes: BYTES, buffered })
  const ms = await call<number>(to, 'received')
  await sending
  await Promise.all([call(from, 'close'), call(to, 'close')])
  return ms
}

const replicate = async (to: Page, signalling: string, passphrase: string): Promise<number> => {
  const ms = await to.evaluate(
    async ({ signalling, domain, passphrase, entries }) => {
      const { createNode, webRTC } = globalThis.runtime
      const node = createNode({ transports: [webRTC({ signalling })] })
      globalThis.node = node
      const done = new Promise<number>((resolve) => {
        let start: number | undefined
        node.subscribe(() => {
          const { transports, sync } = node.getSnapshot()
          if (start === undefined && transports.some(({ links }) => links > 0)) start = performance.now()
          if (start !== undefined && sync.complete && sync.folded > entries)
            resolve(performance.now() - start)
        })
      })
      await node.signIn({ domain, passphrase, request: false })
      return done
    },
    { signalling, domain: DOMAIN, passphrase, entries: ENTRIES },
  )
  const count = await to.evaluate(async () => {
    let bytes = 0
    for await (const { value } of globalThis.node.entries('')) bytes += String(value).length
    await globalThis.node.close()
    return bytes
  })
  if (count !== BYTES) throw new Error(`${count} of ${BYTES} bytes were replicated.`)
  return ms
}

export const benchWebRTC = async (progress: (line: string) => void, pairs = PAIRS) => {
  if (!findChromium())
    throw new Error('There is no Chromium for WebRTC. Install it (`npm test` does), or name it in CHROMIUM.')
  const folder = await mkdtemp(join(tmpdir(), 'hypha-bench-page-'))
  const args = ['bench/page/build.ts', folder]
  const { status } = spawnSync('node_modules/.bin/tsx', args, { stdio: ['ignore', 2, 'inherit'] })
  if (status !== 0) throw new Error('The runtime could not be built for browsers, see above.')
  const server = await serveFolder(folder)
  const alwaysOn = await createAlwaysOnNode({ port: 0, claim: 0 })
  const chromium = await launchChromium()
  try {
    // Pages of their own, so that neither side has the other's objects and timers in it.
    const bare = [await chromium.newPage(server.url), await chromium.newPage(server.url)] as const
    for (const page of bare) await page.addScriptTag({ content: RAW_CHANNEL })
    const [from, to] = [await chromium.newPage(server.url), await chromium.newPage(server.url)] as const
    for (const page of [from, to]) await page.waitForFunction(() => 'runtime' in globalThis)
    const passphrase = await from.evaluate(
      async ({ signalling, domain, entries, bytes }) => {
        const { createNode, webRTC } = globalThis.runtime
        const node = createNode({ transports: [webRTC({ signalling })] })
        globalThis.node = node
        const signed = await node.signUp({ domain })
        // Of letters that need no escape, each value another one.
        for (let i = 0; i < entries; i++) await node.put(`files/${i}`, `${i}`.padEnd(bytes, 'hypha'))
        return signed.passphrase
      },
      { signalling: alwaysOn.url, domain: DOMAIN, entries: ENTRIES, bytes: VALUE_BYTES },
    )
    const tries: number[][] = BUFFERED.map(() => [])
    for (let i = 0; i < TRIES; i++)
      for (const [which, buffered] of BUFFERED.entries()) tries[which]?.push(await moveRaw(...bare, buffered))
    const medians = tries.map(median)
    const buffered = BUFFERED[medians.indexOf(Math.min(...medians))] ?? 0
    progress(
      `webrtc, a bare channel with ${BUFFERED.join(', ')} bytes waiting: ${medians.map((ms) => round(ms, 0)).join(', ')} ms`,
    )
    const raw: number[] = []
    const runtime: number[] = []
    for (let i = 0; i < pairs; i++) {
      raw.push(await moveRaw(...bare, buffered))
      runtime.push(await replicate(to, alwaysOn.url, passphrase))
      progress(
        `webrtc, ${i + 1} of ${pairs}: raw ${round(raw.at(-1) ?? 0, 0)} ms, runtime ${round(runtime.at(-1) ?? 0, 0)} ms`,
      )
    }
    const speed = (times: readonly number[]) => round(BYTES / 2 ** 20 / (median(times) / 1_000))
    return [
      {
        name: 'webrtc',
        ratio: round(median(raw) / median(runtime), 2),
        'raw, MB/s': speed(raw),
        'runtime, MB/s': speed(runtime),
        'best ratio of a pair': round(Math.max(...raw.map((ms, i) => ms / (runtime[i] ?? Number.NaN))), 2),
        'worst ratio of a pair': round(Math.min(...raw.map((ms, i) => ms / (runtime[i] ?? Number.NaN))), 2),
        'raw, bytes waiting': buffered,
        MB: BYTES / 2 ** 20,
        pairs,
      },
    ]
  } finally {
    await chromium.browser.close()
    await Promise.all([server.close(), alwaysOn.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

/** A page that writes without end in a browser that is killed, on a profile that outlives it. */
import { launchWithProfile } from '../browser/chromium.js'
import { serveNodePage } from '../browser/node-page.js'

export interface PageStart {
  readonly state: string
  readonly keys: readonly string[]
}

export interface PageLife {
  readonly started: Promise<PageStart>
  /** Resolves once so many writes are acknowledged. */
  reached(writes: number): Promise<void>
  /** Ends the browser as a power switch does. Answers with what was acknowledged by then. */
  kill(): Promise<readonly string[]>
}

export interface WritingPage {
  begin(round: number): Promise<PageLife>
  close(): Promise<void>
}

/** Runs in the page, and never ends by itself. */
const write = async (round: number): Promise<never> => {
  const { browserStorage, createNode } = globalThis.runtime
  const say = (what: object) =>
    (globalThis as unknown as { say(text: string): Promise<void> }).say(JSON.stringify(what))
  const node = createNode({ name: 'Page', storage: browserStorage('crash') })
  await new Promise<void>((resolve) => {
    const look = () => {
      if (node.state !== 'opening') resolve()
    }
    node.subscribe(look)
    look()
  })
  if (node.state === 'signedOut') await node.signUp({ domain: 'ada.example' })
  const keys: string[] = []
  for await (const { key } of node.entries()) keys.push(key)
  await say({ state: node.state, keys })
  for (let i = 0; ; i++) {
    const key = `page/${round}/${i}`
    const written = i % 5 === 4 ? [`${key}/a`, `${key}/b`, `${key}/c`] : [key]
    await node.batch(written.map((name) => ({ type: 'put', key: name, value: i })))
    // Not waited for: a kill is to come in the middle of a write, not of this.
    void say({ written })
  }
}

export const startPage = async (profile: string): Promise<WritingPage> => {
  const server = await serveNodePage()
  return {
    async begin(round) {
      const chromium = await launchWithProfile(profile)
      const written: string[] = []
      const waiting = new Set<() => void>()
      let writes = 0
      let start = (_: PageStart) => {}
      let fail = (_: unknown) => {}
      const started = new Promise<PageStart>((resolve, reject) => {
        start = resolve
        fail = reject
      })
      started.catch(() => {})
      await chromium.context.exposeFunction('say', (text: string) => {
        const said: PageStart | { written: string[] } = JSON.parse(text)
        if ('state' in said) return start(said)
        written.push(...said.written)
        writes++
        for (const look of [...waiting]) look()
      })
      const page = await chromium.newPage(server.url)
      await page.waitForFunction(() => 'runtime' in globalThis)
      // What compiles this file may name functions by a helper, which the page does not have.
      await page.evaluate('globalThis.__name = (named) => named')
      // It ends with the browser.
      page.evaluate(write, round).catch(fail)
      return {
        started,
        reached: (most) =>
          new Promise((resolve) => {
            const look = () => {
              if (writes < most) return
              waiting.delete(look)
              resolve()
            }
            waiting.add(look)
            look()
          }),
        async kill() {
          await chromium.kill()
          return written
        },
      }
    },
    close: () => server.close(),
  }
}

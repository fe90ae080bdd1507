/** Firefox as it is installed, driven by WebDriver BiDi: playwright-core drives only a Firefox of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { findFirefox } from '../../scripts/test/firefox.js'

/** What a profile begins with. */
const PREFERENCES = {
  // Where only loopback exists WebRTC needs these; elsewhere they do no harm.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Nothing goes out by itself.
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
}

export interface FirefoxPage {
  /** Runs a function in the page, on its own: what it uses comes with the argument. Both, and the answer, are JSON. */
  evaluate<Answer, Argument = void>(
    run: (argument: Argument) => Answer | Promise<Answer>,
    argument: Argument,
  ): Promise<Answer>
  /** Ends the device: nothing that it stored is left. */
  close(): Promise<void>
}

export interface Firefox {
  /** What pages printed as errors, and what they threw. A test's end looks at it by `close()`. */
  readonly complaints: string[]
  /** A page of a device of its own, with nothing stored. */
  newPage(url: string): Promise<FirefoxPage>
  /** Ends the browser. @throws Error if a page complained of something that nobody took out of `complaints` */
  close(): Promise<void>
}

/** The parts of BiDi's messages that are read here. */
interface Message {
  readonly id?: number
  readonly type: string
  readonly method?: string
  readonly message?: string
  readonly params?: { readonly level?: string; readonly text?: string }
  readonly result?: Result
}
interface Result {
  readonly context?: string
  readonly userContext?: string
  readonly type?: string
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}

const executable = (): string => {
  const path = findFirefox()
  if (path) return path
  throw new Error('Firefox is missing: `npm test` installs it; or name it in FIREFOX.')
}

const endpointOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (bytes) => {
      text += bytes
      const endpoint = /WebDriver BiDi listening on (ws:\S+)/.exec(text)?.[1]
      if (endpoint) resolve(endpoint)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Firefox did not start:\n${text}`)))
  })

/** Commands and their answers, one WebSocket for all of them. */
const connect = async (url: string, heard: (message: Message) => void) => {
  const socket = new WebSocket(url, { maxPayload: 64 * 1024 * 1024 })
  await once(socket, 'open')
  const waiting = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>()
  let count = 0
  socket.on('message', (bytes: Buffer) => {
    const message = JSON.parse(String(bytes)) as Message
    const call = message.id === undefined ? undefined : waiting.get(message.id)
    if (!call) return heard(message)
    waiting.delete(message.id ?? 0)
    if (message.type === 'success') call.resolve(message.result ?? {})
    else call.reject(new Error(message.message))
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox has gone'))
    waiting.clear()
  })
  const send = (method: string, params: object = {}): Promise<Result> =>
    new Promise((resolve, reject) => {
      const id = ++count
      waiting.set(id, { resolve, reject })
      socket.send(JSON.stringify({ id, method, params }))
    })
  return { send, close: () => socket.terminate() }
}

/** A headless Firefox with a fresh profile. */
export const launchFirefox = async (): Promise<Firefox> => {
  const profile = await mkdtemp(join(tmpdir(), 'hypha-firefox-'))
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile, 'user.js'), lines.join(''))
  const child = spawn(
    executable(),
    ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile],
    // A home of its own: it writes more than its profile.
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    },
  )
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const complaints: string[] = []
  const { send, close } = await connect(`${await endpointOf(child)}/session`, ({ method, params }) => {
    if (method === 'log.entryAdded' && params?.level === 'error') complaints.push(params.text ?? '')
  })
  await send('session.new', { capabilities: {} })
  await send('session.subscribe', { events: ['log.entryAdded'] })

  return {
    complaints,
    newPage: async (url) => {
      const { userContext } = await send('browser.createUserContext')
      const { context } = await send('browsingContext.create', { type: 'tab', userContext })
      await send('browsingContext.navigate', { context, url, wait: 'complete' })
      return {
        evaluate: async (run, argument) => {
          const { result, exceptionDetails } = await send('script.callFunction', {
            functionDeclaration: `async (json) => JSON.stringify(await (${run})(JSON.parse(json)))`,
            arguments: [{ type: 'string', value: JSON.stringify(argument ?? null) }],
            target: { context },
            awaitPromise: true,
          })
          if (exceptionDetails) throw new Error(exceptionDetails.text)
          return result?.value === undefined ? undefined : JSON.parse(result.value)
        },
        close: async () => {
          await send('browser.removeUserContext', { userContext })
        },
      }
    },
    close: async () => {
      await send('browser.close').catch(() => {})
      close()
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
      if (complaints.length > 0) throw new Error(`Pages complained:\n${complaints.join('\n')}`)
    },
  }
}

import type { Happening, Road } from './messages.js'
import { placeOf } from './recording.js'
import type { Player, Stage } from './stage.js'
import type { Trace } from './trace.js'

const DOMAIN = 'alice.example'

const inWords = (happening: Happening): string => {
  switch (happening.type) {
    case 'state':
      return `is ${happening.state}`
    case 'connected':
      return `is connected by ${happening.transport} to ${happening.address}`
    case 'asked':
      return `asks to be authorised and shows the words: ${happening.words.join(' ')}`
    case 'prompt':
      return `asks Alice: may “${happening.nodeName}” write? Its words: ${happening.words.join(' ')}`
    case 'authorised':
      return `was authorised by ${happening.by}`
    case 'entry':
      return `has ${happening.key} = ${JSON.stringify(happening.value)}`
    case 'error':
      return `says: ${happening.message}`
  }
}

export interface Script {
  /** Of the always-on node; 0 is any free one. */
  readonly port: number
  /** Whether all of them are shown in an inspector. */
  readonly inspect?: boolean
  /** The always-on node is there, and its inspector if it has one. */
  begun?(inspectorUrl: string | undefined): void
  /** All is over but for the always-on node, which is still there. */
  over?(): Promise<void>
}

/**
 * Alice signs up on her laptop, lets her phone in on it, loses the laptop, and lets her tablet in on the phone.
 * @returns what to say at the end
 */
export const play = async (stage: Stage, trace: Trace, script: Script): Promise<string> => {
  const { port, inspect = false } = script
  const enter = (name: string, program: 'node-process' | 'always-on-process' = 'node-process'): Player =>
    stage.enter(name, program, (happening) => trace.line(name, inWords(happening)))

  const write = async (player: Player): Promise<string> => {
    const key = `notes/${player.name}`
    trace.line(player.name, `writes ${key}`)
    await player.call('put', { key, value: `written on the ${player.name}` })
    return key
  }

  const reads = (player: Player, key: string) => player.saw('entry', (entry) => entry.key === key)

  /** The person: looks at both screens, and says yes if they show the same. */
  const letIn = async (asker: Player, approver: Player): Promise<number> => {
    const [asked, prompt] = await Promise.all([
      asker.saw('asked'),
      approver.saw('prompt', ({ nodeName }) => nodeName === `Alice’s ${asker.name}`),
    ])
    if (asked.words.join() !== prompt.words.join()) throw new Error('The two screens show different words.')
    trace.line(
      'Alice',
      `sees the same words on both and authorises the ${asker.name}, on the ${approver.name}`,
    )
    const authorising = approver.call('authorise', { id: prompt.id })
    const [{ calledAt }, { at }] = await Promise.all([
      authorising,
      asker.saw('state', ({ state }) => state === 'writer'),
      asker.saw('authorised'),
    ])
    return Number(BigInt(at) - BigInt(calledAt)) / 1e6
  }

  const alwaysOn = enter('always-on', 'always-on-process')
  const { url, tcpPort, inspectorUrl } = await alwaysOn.call('listen', { port, places: 1, inspect })
  trace.line('always-on', `is at ${url}, and at TCP port ${tcpPort}; it has no key and no passphrase`)
  const inspector = inspectorUrl === undefined ? undefined : placeOf(inspectorUrl)
  script.begun?.(inspectorUrl)
  const web: Road = { by: 'webSocket', url }

  const begin = async (name: string, road: Road): Promise<Player> => {
    const player = enter(name)
    await player.call('create', { name: `Alice’s ${name}`, road, inspector })
    return player
  }

  const laptop = await begin('laptop', web)
  const { passphrase, hyphalink } = await laptop.call('signUp', { domain: DOMAIN })
  trace.line(
    'laptop',
    `signed Alice up as ${DOMAIN}, the hypha ${hyphalink.slice(0, 8)}…; only she has seen the passphrase`,
  )
  const keys = [await write(laptop)]
  await laptop.saw('connected')

  const phone = await begin('phone', { by: 'tcp', address: `127.0.0.1:${tcpPort}` })
  trace.line('Alice', 'types the passphrase into the phone')
  await phone.call('signIn', { domain: DOMAIN, passphrase })
  const first = await letIn(phone, laptop)
  keys.push(await write(phone))
  await Promise.all([reads(laptop, keys[1]!), reads(phone, keys[0]!)])

  await laptop.kill()
  trace.line('laptop', 'is gone: its process was killed')

  const tablet = await begin('tablet', web)
  trace.line('Alice', 'types the passphrase into the tablet')
  await tablet.call('signIn', { domain: DOMAIN, passphrase })
  const second = await letIn(tablet, phone)
  keys.push(await write(tablet))
  await Promise.all([reads(phone, keys[2]!), ...keys.map((key) => reads(tablet, key))])

  for (const player of [phone, tablet]) {
    const entries = await player.call('list', {})
    const missing = keys.filter((key) => !entries.some((entry) => entry.key === key))
    if (missing.length > 0 || entries.length !== keys.length)
      throw new Error(`The ${player.name} does not have the ${keys.length} entries that were written.`)
    trace.line(player.name, `lists ${entries.map(({ key }) => key).join(', ')}`)
  }
  await Promise.all([phone.leave(), tablet.leave()])
  await script.over?.()
  await alwaysOn.leave()
  const times = [first, second].map((time) => `${Math.round(time)} ms`).join(' and ')
  return `All ${keys.length} entries are on the phone and on the tablet. From Authorise to writer it took ${times}.`
}

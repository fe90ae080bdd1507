/**
 * Encrypted messages of 100 bytes from one device to another through one always-on node, each in a process of its own, beside
 * the sync server of `@localfirst/auth`, in alternating rounds.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'
import type { Heard } from './messages/node-process.js'
import { type Child, enter } from './roads/child.js'

type Row = Readonly<Record<string, string | number | undefined>>

interface Round {
  readonly perSecond: number
  readonly sent: number
  readonly heard: number
}

const DOMAIN = 'messages.example'
/** What makes `{"i":12345,"text":"..."}` about 100 bytes. */
const TEXT = 'x'.repeat(80)
const WARM_UP = 2_000
/** Messages of the other system that are under way: with more it loses some. */
const PEER_WINDOW = 1_000
const PEER_TIMES_FEWER = 20

const root = (() => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder)
  return folder
})()
const peerFolder = join(root, 'bench/messages-peer')

/** Waits until no more arrives. */
const allHeard = async (child: Child, count: number): Promise<Heard> => {
  let last = await child.call<Heard>('heard')
  for (let quiet = 0; last.count < count && quiet < 100; quiet++) {
    await pause(50)
    const next = await child.call<Heard>('heard')
    if (next.count > last.count) quiet = 0
    last = next
  }
  return last
}

const measure = async (sender: Child, receiver: Child, count: number, give: object): Promise<Round> => {
  await receiver.call('forget')
  const { at } = await sender.call<{ at: number }>('send', { count, text: TEXT, ...give })
  const heard = await allHeard(receiver, count)
  return { perSecond: (heard.count / (heard.lastAt - at)) * 1_000, sent: count, heard: heard.count }
}

const runtimeRound = async (count: number): Promise<Round> => {
  const children = [
    enter('always-on-process'),
    enter('../messages/node-process'),
    enter('../messages/node-process'),
  ]
  const [server, laptop, phone] = children as [Child, Child, Child]
  try {
    const { url } = await server.call<{ url: string }>('listen', { port: 0, hyphas: [], claim: 1 })
    const { passphrase } = await laptop.call<{ passphrase: string }>('begin', { url, domain: DOMAIN })
    await phone.call('join', { url, domain: DOMAIN, passphrase })
    await measure(laptop, phone, WARM_UP, {})
    return await measure(laptop, phone, count, {})
  } finally {
    await Promise.all(children.map((child) => child.kill()))
  }
}

const peerRound = async (count: number): Promise<Round> => {
  const program = join(peerFolder, 'process.js')
  let laptop: Child | undefined
  const onHeard = (heard: number) => void laptop?.call('credit', { count: heard })
  const children = [enter(program), enter(program), enter(program, [], onHeard)]
  const [server, first, phone] = children as [Child, Child, Child]
  laptop = first
  try {
    const { url } = await server.call<{ url: string }>('listen')
    const invitation = await laptop.call<object>('begin', { url })
    await phone.call('join', { url, ...invitation })
    await measure(laptop, phone, Math.min(count, WARM_UP / 4), { window: PEER_WINDOW })
    return await measure(laptop, phone, count, { window: PEER_WINDOW })
  } finally {
    await Promise.all(children.map((child) => child.kill()))
  }
}

const installPeer = () => {
  if (existsSync(join(peerFolder, 'node_modules'))) return
  process.stderr.write('Installing what it is measured beside ...\n')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const { status } = spawnSync('npm', args, { cwd: peerFolder, stdio: ['ignore', 2, 'inherit'] })
  if (status !== 0) throw new Error('It could not be installed, see above.')
}

export const bench = async (options: { pairs?: number; small?: boolean }): Promise<Row[]> => {
  const rounds = options.pairs ?? (options.small ? 1 : 3)
  const count = options.small ? 5_000 : 100_000
  installPeer()
  const ours: Round[] = []
  const theirs: Round[] = []
  for (let i = 0; i < rounds; i++) {
    ours.push(await runtimeRound(count))
    theirs.push(await peerRound(count / PEER_TIMES_FEWER))
    const show = (round?: Round) =>
      `${Math.round(round?.perSecond ?? 0)}/s, heard ${round?.heard} of ${round?.sent}`
    process.stderr.write(`round ${i + 1}: ${show(ours.at(-1))}; beside: ${show(theirs.at(-1))}\n`)
  }
  const rate = (list: readonly Round[]) => Math.round(median(list.map(({ perSecond }) => perSecond)))
  const sum = (list: readonly Round[], name: 'sent' | 'heard') =>
    list.reduce((all, round) => all + round[name], 0)
  return [
    {
      name: 'messages',
      perSecond: rate(ours),
      heard: sum(ours, 'heard'),
      sent: sum(ours, 'sent'),
      peer: rate(theirs),
      ratio: Number((rate(ours) / rate(theirs)).toFixed(1)),
    },
  ]
}

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createAlwaysOnNode } from '../../src/always-on/index.js'
import {
  createMemoryNetwork,
  createNode,
  fileStorage,
  HyphaError,
  type HyphaNode,
  webSocket,
} from '../../src/index.js'
import { arrived, until } from '../node/until.js'
import { allArrived, copyHome, type Device, type Home, openDevice, type Written } from './home.js'
import type { Damage } from './kinds.js'

/**
 * What came of a damage. `repaired`: it was told, and all is well once another device is there. `refused`: the device says
 * why it doesn't open. `harmless`: nothing was wrong at any time. `silent`: something was, and nobody was told, or it stays.
 */
export interface Outcome {
  readonly kind: 'repaired' | 'refused' | 'harmless' | 'silent'
  readonly told: readonly string[]
  readonly why?: string
}

/** Only ends what hangs. */
const LIMIT_MS = 60_000
/** What a store that is only damaged must never be taken for. */
const ALARMS = ['ORIGIN_FORKED', 'ORIGIN_UNSEALED']

class Stuck extends Error {}

const inTime = async <T>(what: string, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Stuck(what)), LIMIT_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Whether it answers with all of it, and nothing else, without anybody's help. */
const answersWithAll = async (node: HyphaNode, written: Written): Promise<boolean> => {
  const found = new Map<string, unknown>()
  for await (const { key, value } of node.entries()) found.set(key, value)
  if (found.size !== written.size) return false
  return [...written].every(([key, value]) => found.get(key) === value)
}

const judge = (told: readonly string[], wasRight: boolean): Outcome => {
  const alarm = told.find((code) => ALARMS.includes(code))
  if (alarm) return { kind: 'silent', told, why: `it was taken for ${alarm}` }
  if (told.length > 0) return { kind: 'repaired', told }
  return wasRight ? { kind: 'harmless', told } : { kind: 'silent', told, why: 'it answered wrongly' }
}

const isSentence = (text: string): boolean => text.length > 20 && text.endsWith('.')

const refusal = (code: string, message: string): Outcome =>
  isSentence(message)
    ? { kind: 'refused', told: [code] }
    : { kind: 'silent', told: [code], why: 'its refusal says nothing' }

/** Both write, and hear of each other. */
const goOn = async (one: HyphaNode, other: HyphaNode): Promise<void> => {
  await one.put('after/one', 1)
  await other.put('after/other', 2)
  await Promise.all([arrived(other, 'after/one'), arrived(one, 'after/other')])
}

const sufferDevice = async (home: Home, device: 'laptop' | 'phone'): Promise<Outcome> => {
  const network = createMemoryNetwork()
  const { node, told } = await inTime('it does not open', openDevice(home, device, network))
  try {
    const { state, problem } = node.getSnapshot()
    if (state === 'failed' && problem) return refusal(problem.code, problem.message)
    if (state === 'signedOut') return { kind: 'silent', told, why: 'it has forgotten everything' }
    const wasRight = await inTime('it does not answer', answersWithAll(node, home.written))
    const other = await openDevice(home, device === 'laptop' ? 'phone' : 'laptop', network)
    try {
      await inTime('it does not get back what it lost', allArrived(node, home.written))
      await inTime('they do not go on', goOn(node, other.node))
      return judge([...told, ...other.told.filter((code) => ALARMS.includes(code))], wasRight)
    } finally {
      await other.node.close()
    }
  } finally {
    await node.close()
  }
}

const sufferServer = async (home: Home): Promise<Outcome> => {
  const told: string[] = []
  const opening = createAlwaysOnNode({
    port: 0,
    storage: fileStorage(join(home.directory, 'server')),
    onError: (error) => told.push(error instanceof HyphaError ? error.code : String(error)),
  })
  const server = await inTime('it does not open', opening).catch((error) => {
    if (error instanceof HyphaError) return error
    throw error
  })
  if (server instanceof HyphaError) return refusal(server.code, server.message)
  const transports = () => [webSocket(server.url)]
  const nodes: HyphaNode[] = []
  try {
    const wasTold = told.length > 0
    const devices = (['laptop', 'phone'] as const).map((device) =>
      createNode({ storage: fileStorage(join(home.directory, device)), transports: transports() }),
    )
    nodes.push(...devices)
    for (const node of devices)
      await inTime(
        'a device does not open',
        until(node, () => node.state !== 'opening'),
      )
    await inTime('they do not go on', goOn(devices[0]!, devices[1]!))
    await Promise.all(devices.map((node) => node.close()))
    const reader = createNode({ transports: transports() })
    nodes.push(reader)
    await reader.open({ hyphalink: home.hyphalink })
    await inTime('it does not hand on all of it', allArrived(reader, home.written))
    return judge(told, !wasTold)
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
    await server.close()
  }
}

/** Damages one file of a copy of a home, opens it, and looks what comes of it. */
export const suffer = async (
  home: Home,
  device: Device,
  file: string,
  damage: Damage,
  folder: string,
): Promise<Outcome> => {
  const copy = copyHome(home, folder)
  try {
    await damage.do(join(folder, device, file))
    return await (device === 'server' ? sufferServer(copy) : sufferDevice(copy, device))
  } catch (error) {
    if (error instanceof Stuck) return { kind: 'silent', told: [], why: error.message }
    const why = error instanceof HyphaError ? `${error.code}: ${error.message}` : String(error)
    return { kind: 'silent', told: [], why }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

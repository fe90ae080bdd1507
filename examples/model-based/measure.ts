/** Counts which transitions the machines in the pages really take: their recordings come to the server's inspector. */

import { WebSocket } from 'ws'
import type { AnyStateMachine } from 'xstate'
import * as machines from '../../src/machines/index.js'
import { transitionsOf } from '../../src/testing/index.js'
import type { InspectorEvent, TakenTransition } from '../../src/ui-bridge/inspector/index.js'
import { hubSocketUrl, parseHubMessage } from '../../src/ui-bridge/inspector/wire.js'

const MACHINES: readonly AnyStateMachine[] = [
  machines.nodeMachine,
  machines.requestMachine,
  machines.promptsMachine,
  machines.promptMachine,
  machines.peerMachine,
  machines.transportsMachine,
  machines.transportMachine,
  machines.dialMachine,
]

/** Recordings arrive within a moment, on a slow machine too. */
const LATEST_MS = 60_000

export interface Covered {
  readonly machine: string
  readonly taken: readonly string[]
  readonly missed: readonly string[]
}

export interface Meter {
  /**
   * Resolves when the pages' machines have taken them, all of these of one machine.
   * @throws Error naming those that nobody took
   */
  hasSeen(machine: string, names: readonly string[]): Promise<void>
  covered(): readonly Covered[]
  close(): void
}

/** As `nameOfTransition` names it. */
const nameOf = (machine: string, { source, event, index, targets }: TakenTransition): string =>
  `${source || machine}: ${event || 'always'} #${index} → ${targets.join(', ') || 'stays'}`

/** @param inspectorUrl as the always-on node says it, with the token in its fragment */
export const createMeter = async (inspectorUrl: string): Promise<Meter> => {
  const { hash } = new URL(inspectorUrl)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const socket = new WebSocket(hubSocketUrl(inspectorUrl) ?? inspectorUrl)
  const counts = new Map(MACHINES.map(({ id }) => [id, new Set<string>()]))
  /** Which machine an actor is, by the node and the actor's own id. */
  const machineOf = new Map<string, string>()
  const waiting = new Set<() => void>()

  const take = (event: InspectorEvent): void => {
    const actor = `${event.rootId} ${event.type === 'hypha.message' ? '' : event.sessionId}`
    if (event.type === '@xstate.actor') machineOf.set(actor, event.source)
    if (event.type !== '@xstate.snapshot') return
    const machine = machineOf.get(actor) ?? ''
    for (const transition of event.transitions) counts.get(machine)?.add(nameOf(machine, transition))
  }
  socket.on('message', (data) => {
    const message = parseHubMessage(String(data))
    if (message?.type === 'recording')
      for (const event of [...message.recording.before, ...message.recording.events]) take(event)
    if (message?.type === 'events') for (const event of message.events) take(event)
    for (const look of [...waiting]) look()
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.send(JSON.stringify({ type: 'hello', role: 'viewer', token }))

  return {
    hasSeen: (machine, names) =>
      new Promise((resolve, reject) => {
        const missing = () => names.filter((name) => !counts.get(machine)?.has(name))
        const end = () => {
          waiting.delete(look)
          clearTimeout(limit)
        }
        const look = () => {
          if (missing().length > 0) return
          end()
          resolve()
        }
        const limit = setTimeout(() => {
          end()
          reject(new Error(`The screens showed it, but nobody took: ${missing().join('; ')}`))
        }, LATEST_MS)
        waiting.add(look)
        look()
      }),
    covered: () =>
      MACHINES.map((machine) => {
        const taken = counts.get(machine.id) ?? new Set<string>()
        const all = transitionsOf(machine)
        return {
          machine: machine.id,
          taken: all.filter((name) => taken.has(name)),
          missed: all.filter((name) => !taken.has(name)),
        }
      }),
    close: () => socket.close(),
  }
}

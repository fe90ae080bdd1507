import { fromCallback } from 'xstate'
import type { DialTarget } from '../adapters/transport/transport.js'
import type { DialEvent } from '../machines/dial.js'
import { toProblem } from '../machines/problem.js'
import { HyphaError } from '../protocol/errors.js'

/** Why a dial failed, in a word or two: Node's code where there is one. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no reason given'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message || 'no reason given'
}

const unreachable = (address: string, error: unknown): HyphaError =>
  new HyphaError(
    'ADDRESS_UNREACHABLE',
    `${address} can't be reached (${reasonOf(error)}). Check the address and that something listens there; it is tried again until it answers.`,
    { cause: error },
  )

interface Entry {
  readonly target: DialTarget
  /** Tries and what came of them, each until nothing is left of it. */
  readonly underway: Set<Promise<void>>
  /** Ends all of that. Set while the actor runs. */
  drop?: () => void
  isForgotten: boolean
}

export interface DialOptions {
  /** From 0 to below 1. */
  readonly random?: () => number
}

/** Targets by the ids that machines know them by, and the actor that dials them. */
export const createDials = ({ random = Math.random }: DialOptions = {}) => {
  const entries = new Map<string, Entry>()
  let count = 0

  const actor = fromCallback<{ type: string }, { dialId: string }>(({ input, sendBack, receive }) => {
    const entry = entries.get(input.dialId)
    if (!entry) return
    const { target, underway } = entry
    let current: AbortController | undefined

    const run = async (controller: AbortController): Promise<void> => {
      const { signal } = controller
      const tell = (event: DialEvent) => {
        if (current === controller) sendBack(event)
      }
      try {
        const dialled = await target.dial(signal)
        const end = () => dialled.close()
        signal.addEventListener('abort', end)
        if (signal.aborted) end()
        else tell({ type: 'dial.up' })
        await dialled.closed
        signal.removeEventListener('abort', end)
        tell({ type: 'dial.lost', chance: random() })
      } catch (error) {
        // What a transport says itself is believed: that no direct link comes about is not an address that nobody answers at.
        const failure = error instanceof HyphaError ? error : unreachable(target.address, error)
        tell({ type: 'dial.failed', problem: toProblem(failure), chance: random() })
      }
    }
    const drop = () => {
      current?.abort()
      current = undefined
    }
    entry.drop = drop
    receive(({ type }) => {
      drop()
      if (type !== 'dial' || entry.isForgotten) return
      current = new AbortController()
      const work: Promise<void> = run(current).finally(() => underway.delete(work))
      underway.add(work)
    })
    return drop
  })

  return {
    actor,
    /** @returns its id */
    add: (target: DialTarget): string => {
      const dialId = String(++count)
      entries.set(dialId, { target, underway: new Set(), isForgotten: false })
      return dialId
    },
    /** Ends it; resolves when nothing is left of it. */
    forget: async (dialId: string): Promise<void> => {
      const entry = entries.get(dialId)
      if (!entry) return
      entry.isForgotten = true
      entry.drop?.()
      await Promise.allSettled(entry.underway)
      entries.delete(dialId)
    },
  }
}

export type Dials = ReturnType<typeof createDials>

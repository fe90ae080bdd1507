import type { HyphaNode } from '../../api.js'
import { HyphaError } from '../../protocol/errors.js'
import { isJsonObject, ownField, ownString } from '../../protocol/json.js'
import type { CallContext } from './call-context.js'
import { inspectNode } from './inspecting.js'
import type { MethodName, Methods } from './protocol.js'

type Operation<Name extends MethodName> = (
  params: unknown,
  call: CallContext<Methods[Name]['item']>,
) => Promise<Methods[Name]['result']>

export type Operations = { readonly [Name in MethodName]: Operation<Name> }

const stringOf = (params: unknown, name: string): string => {
  const value = isJsonObject(params) ? ownString(params, name) : undefined
  if (value === undefined) throw new HyphaError('OPTION_INVALID', `This takes ${name}, a string.`)
  return value
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Until the call is taken back; a node that is closed ends it with an error. */
const follow = async (node: HyphaNode, signal: AbortSignal, look: () => void): Promise<void> => {
  const ended = new Promise<void>((_, reject) => {
    const stop = node.subscribe(() => {
      if (node.state === 'closed') reject(new HyphaError('CLOSED', 'The node was closed.'))
      else look()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
  look()
  await Promise.race([aborted(signal), ended])
}

/** What commands do on a node. Params are checked here: they may come over a socket. */
export const createOperations = (node: HyphaNode): Operations => ({
  status: async () => node.getSnapshot(),

  async get(params) {
    const value = await node.get(stringOf(params, 'key'))
    return value === undefined ? { found: false } : { found: true, value }
  },

  async put(params) {
    const key = stringOf(params, 'key')
    const value = isJsonObject(params) ? ownField(params, 'value') : undefined
    await node.put(key, value, { public: isJsonObject(params) && ownField(params, 'public') === true })
    return null
  },

  async del(params) {
    await node.del(stringOf(params, 'key'))
    return null
  },

  async ls(params, { signal, emit }) {
    for await (const entry of node.entries(stringOf(params, 'prefix'))) {
      if (signal.aborted) break
      await emit(entry)
    }
    return null
  },

  async watch(params, { signal, emit }) {
    const stop = node.watch(stringOf(params, 'prefix'), ({ key, value, deleted, conflict }) => {
      const mark = conflict ? { conflict } : {}
      void emit({ key, ...(value === undefined ? {} : { value }), deleted, ...mark })
    })
    // Says that from here on nothing is missed.
    await emit(null)
    try {
      await follow(node, signal, () => {})
    } finally {
      stop()
    }
    return null
  },

  nodes: async () => node.nodes(),

  async dismissNotice(params) {
    await node.dismissNotice(stringOf(params, 'writerKey'))
    return null
  },

  transports: async () => node.transports(),

  async setTransport(params) {
    const on = isJsonObject(params) ? ownField(params, 'on') : undefined
    if (typeof on !== 'boolean')
      throw new HyphaError('OPTION_INVALID', 'This takes on, which is true or false.')
    await node.setTransport(stringOf(params, 'id'), on)
    return null
  },

  async requests(_, { signal, emit }) {
    let shown: string | undefined
    await follow(node, signal, () => {
      const { requests, requestsWaiting: waiting } = node.getSnapshot()
      const now = [waiting, ...requests.map(({ id }) => id)].join()
      if (now === shown) return
      shown = now
      void emit({ requests, waiting })
    })
    return null
  },

  inspect: (_, call) => inspectNode(node, call),

  async authorise(params) {
    await node.authorise(stringOf(params, 'id'))
    return null
  },

  async decline(params) {
    await node.decline(stringOf(params, 'id'))
    return null
  },

  async declineAll() {
    await node.declineAll()
    return null
  },

  showRequest: (params) => node.showRequest(stringOf(params, 'words')),

  async ask(_, { signal, emit }) {
    let shown: string | undefined
    const stop = node.subscribe(() => {
      const { state, name, request } = node.getSnapshot()
      const now = `${state} ${request?.id}`
      if (now === shown || request === undefined) return
      shown = now
      void emit({ state, name, request })
    })
    try {
      const answer = await Promise.race([node.requestAuthorisation(), aborted(signal)])
      return answer ?? { outcome: 'interrupted' }
    } finally {
      stop()
    }
  },
})

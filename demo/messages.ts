/** What the processes of the demo say to each other, over the pipe that a parent has to its child: nothing else sees it. */
import type { NodeState } from '../src/index.js'
import type { InspectorPlace } from './recording.js'

export type Road =
  | { readonly by: 'webSocket'; readonly url: string }
  | { readonly by: 'tcp'; readonly address: string }

/** What a process can be told to do, and what it answers. */
export interface Commands {
  /** An always-on node begins. */
  listen: {
    give: { port: number; places: number; inspect?: boolean }
    take: { url: string; tcpPort: number; inspectorUrl: string | undefined }
  }
  /** A node begins, signed out; it shows itself to an inspector, if there is one. */
  create: { give: { name: string; road: Road; inspector?: InspectorPlace | undefined }; take: undefined }
  signUp: { give: { domain: string }; take: { passphrase: string; hyphalink: string } }
  signIn: { give: { domain: string; passphrase: string }; take: undefined }
  /** Answers with when it was called. */
  authorise: { give: { id: string }; take: { calledAt: string } }
  put: { give: { key: string; value: string }; take: undefined }
  list: { give: Record<string, never>; take: readonly { key: string; value: unknown }[] }
  close: { give: Record<string, never>; take: undefined }
}

export type CommandName = keyof Commands

export interface Call<Name extends CommandName = CommandName> {
  readonly call: number
  readonly name: Name
  readonly give: Commands[Name]['give']
}

export type Reply = { readonly call: number } & ({ readonly take: unknown } | { readonly error: string })

/** What happens in a node's process. Times are `process.hrtime`, in nanoseconds: one clock for all processes of a machine. */
export type Happening =
  | { readonly type: 'state'; readonly state: NodeState; readonly at: string }
  | { readonly type: 'connected'; readonly transport: string; readonly address: string }
  | { readonly type: 'asked'; readonly words: readonly string[] }
  | {
      readonly type: 'prompt'
      readonly id: string
      readonly nodeName: string
      readonly words: readonly string[]
    }
  | { readonly type: 'authorised'; readonly by: string }
  | { readonly type: 'entry'; readonly key: string; readonly value: unknown }
  | { readonly type: 'error'; readonly message: string }

import { bringsLink, CHILDREN, childOf, outcomeOf } from './node-events.js'
import type { NodeContext, NodeEvent, Recalled } from './node-types.js'

interface Args {
  readonly context: NodeContext
  readonly event: NodeEvent
}

/** What a node's transitions depend on. */
export const nodeGuards = {
  recalls: ({ context }: Args) => context.recalls,
  isDamaged: ({ context }: Args) => context.problem?.code === 'STORAGE_DAMAGED',
  isLocked: ({ context }: Args) => context.problem?.code === 'STORAGE_LOCKED',
  isFound: ({ event }: Args) => 'output' in event && (event.output as Recalled).found,
  hasChannel: ({ context }: Args) => context.hasChannel,
  /** Whether it is being opened as what the storage remembers. */
  isBack: ({ context }: Args) => context.role !== undefined && context.entrance?.by === 'storage',
  isOrigin: ({ context }: Args) => context.role === 'origin',
  isWriter: ({ context }: Args) => context.role === 'writer',
  isReader: ({ context }: Args) => context.role === 'reader',
  isOpen: ({ context }: Args) => context.role !== undefined,
  isNewLink: ({ context, event }: Args) => bringsLink(context, event),
  /** Whether what failed is a child that the node can't do without; a peer ends alone. */
  isWork: ({ event }: Args) => CHILDREN.some((child) => child === childOf(event)),
  isAuthorised: ({ event }: Args) => outcomeOf(event)?.outcome === 'authorised',
  asksAtOnce: ({ context }: Args) => context.hasChannel && context.requestId !== undefined,
}

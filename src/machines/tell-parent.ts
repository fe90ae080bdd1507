import type { AnyActorRef, AnyEventObject } from 'xstate'

interface Teller {
  readonly self: { readonly _parent?: AnyActorRef }
  readonly enqueue: { sendTo(actor: AnyActorRef, event: AnyEventObject): void }
}

/** Tells whoever spawned this actor, if anybody did: machines run alone too, in tests and inspectors. */
export const tellParent = ({ self, enqueue }: Teller, event: AnyEventObject): void => {
  if (self._parent) enqueue.sendTo(self._parent, event)
}

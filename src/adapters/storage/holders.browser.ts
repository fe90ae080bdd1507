type CloseNode = () => Promise<void>

/** Of the page, not of this module: after a hot reload there may be two of it. */
const PAGE = Symbol.for('hypha-runtime/storage-holders/1')

/** Which node of this page has which storage, and how to close it. */
export interface Holders {
  /** Closes the node that has it, if one does, and puts another one in its place. */
  replace(place: string, by: CloseNode | undefined): Promise<void>
  leave(place: string, closeNode: CloseNode | undefined): void
}

export const holdersOfThisPage = (): Holders => {
  const page = globalThis as typeof globalThis & { [PAGE]?: Map<string, CloseNode> }
  page[PAGE] ??= new Map()
  const holders = page[PAGE]
  return {
    async replace(place, by) {
      const holder = holders.get(place)
      if (!by) return
      // At once: of several who come in one moment each closes the one before it.
      holders.set(place, by)
      if (holder !== by) await holder?.()
    },
    leave(place, closeNode) {
      if (holders.get(place) === closeNode) holders.delete(place)
    },
  }
}

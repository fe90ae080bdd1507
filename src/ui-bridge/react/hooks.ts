'use client'

import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type {
  AdmittedDevice,
  AuthorisationRequest,
  HyphaNode,
  KnownNode,
  NodeSnapshot,
  Sync,
} from '../../api.js'
import { EMPTY_SNAPSHOT, NO_ENTRIES } from '../store/empty.js'
import { share } from '../store/share.js'
import type { EntryList } from '../store/types.js'
import { useHyphaStore } from './context.js'

/** A function of the snapshot whose result stays the same object for as long as it says the same. */
const steady = <Selected>(select: (snapshot: NodeSnapshot) => Selected) => {
  let last: { readonly snapshot: NodeSnapshot; readonly selected: Selected } | undefined
  return (snapshot: NodeSnapshot): Selected => {
    if (last?.snapshot !== snapshot) last = { snapshot, selected: share(last?.selected, select(snapshot)) }
    return last.selected
  }
}

/**
 * Whatever you take out of the node's snapshot; renders again only when that says something else.
 * @example const roads = useHyphaSnapshot(({ transports }) => transports.filter(({ on }) => on))
 */
export const useHyphaSnapshot = <Selected>(select: (snapshot: NodeSnapshot) => Selected): Selected => {
  const store = useHyphaStore()
  // A selector written in place is a new one each time: then it is called once a render, and its result is compared.
  const take = useMemo(() => steady(select), [select])
  const read = useCallback(() => take(store.getSnapshot()), [store, take])
  const readOnServer = useCallback(() => take(EMPTY_SNAPSHOT), [take])
  return useSyncExternalStore(store.subscribe, read, readOnServer)
}

const ownOf = ({ state, name, hyphalink, writerKey, request, problem, heldBy }: NodeSnapshot) => ({
  state,
  name,
  hyphalink,
  writerKey,
  request,
  problem,
  heldBy,
})

/** The node, to call, and what it is by itself. */
export interface Hypha extends ReturnType<typeof ownOf> {
  readonly node: HyphaNode
}

/** The node, to call (`node.put`, `node.signIn`), and what it is: its `state`, its own `request`, its `problem`. */
export const useHypha = (): Hypha => {
  const { node } = useHyphaStore()
  const own = useHyphaSnapshot(ownOf)
  return useMemo(() => ({ node, ...own }), [node, own])
}

/**
 * The entries whose keys begin with a prefix, in key order, and whether they have been read yet. Renders again only when one of
 * them changed; each that did not stays the same object.
 */
export const useEntries = (prefix = ''): EntryList => {
  const list = useHyphaStore().entries(prefix)
  return useSyncExternalStore(list.subscribe, list.getSnapshot, noEntries)
}
const noEntries = (): EntryList => NO_ENTRIES

const requestsOf = ({ requests }: NodeSnapshot) => requests
const nodesOf = ({ nodes }: NodeSnapshot) => nodes
const noticesOf = ({ notices }: NodeSnapshot) => notices
const syncOf = ({ sync }: NodeSnapshot) => sync

/** The devices that ask whether they may write, for `node.authorise(id)` and `node.decline(id)`. */
export const useRequests = (): readonly AuthorisationRequest[] => useHyphaSnapshot(requestsOf)

/** The person's nodes that may write, with who of them is here. */
export const useNodes = (): readonly KnownNode[] => useHyphaSnapshot(nodesOf)

/** Devices that others let in, for the person to see; `node.dismissNotice(writerKey)` takes one away. */
export const useNotices = (): readonly AdmittedDevice[] => useHyphaSnapshot(noticesOf)

/** How far this replica has come, in all and with each writer. */
export const useSync = (): Sync => useHyphaSnapshot(syncOf)

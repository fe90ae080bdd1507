'use client'

import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'
import type { HyphaNode } from '../../api.js'
import { createHyphaStore } from '../store/hypha-store.js'
import type { HyphaStore } from '../store/types.js'

const Context = createContext<HyphaStore | undefined>(undefined)

/** One for each node, whoever provides it how often. */
const stores = new WeakMap<HyphaNode, HyphaStore>()

const storeOf = (node: HyphaNode): HyphaStore => {
  const known = stores.get(node) ?? createHyphaStore(node)
  stores.set(node, known)
  return known
}

export interface HyphaProviderProps {
  /** Make it outside of your components: they may be called twice, and a node is one. */
  readonly node: HyphaNode
  readonly children?: ReactNode
}

/** Gives a node to the hooks below. Another `node` is another one for all of them; closing it is yours. */
export const HyphaProvider = ({ node, children }: HyphaProviderProps): ReactElement =>
  createElement(Context.Provider, { value: storeOf(node) }, children)

/** The store of the node that is provided. */
export const useHyphaStore = (): HyphaStore => {
  const store = useContext(Context)
  if (store) return store
  throw new Error('Hooks of hypha-runtime/react need <HyphaProvider node={createNode(...)}> around them.')
}

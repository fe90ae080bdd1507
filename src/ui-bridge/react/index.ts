'use client'

/**
 * Hooks for React 18.3 and later:
 *
 *     const node = createNode({ storage: browserStorage('notes'), transports: [webSocket(url)] })
 *     root.render(<HyphaProvider node={node}><Notes /></HyphaProvider>)
 *
 *     const Notes = () => {
 *       const { node } = useHypha()
 *       const { entries, isLoaded } = useEntries('notes/')
 *       ...
 */
export type { EntryList } from '../store/types.js'
export { HyphaProvider, type HyphaProviderProps, useHyphaStore } from './context.js'
export {
  type Hypha,
  useEntries,
  useHypha,
  useHyphaSnapshot,
  useNodes,
  useNotices,
  useRequests,
  useSync,
} from './hooks.js'

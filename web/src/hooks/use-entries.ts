import type { HyphaNode } from 'hypha-runtime'
import { useEffect, useMemo } from 'preact/hooks'
import { createEntriesStore, type EntryList } from '../lib/entries-store.js'
import { useStore } from './use-store.js'

export const useEntries = (node: HyphaNode): EntryList => {
  const store = useMemo(() => createEntriesStore(node), [node])
  useEffect(() => store.stop, [store])
  return useStore(store)
}

import type { Readable } from 'hypha-runtime/store'
import { useLayoutEffect, useState } from 'preact/hooks'

/** The newest snapshot; that of a node changes at most once a frame. */
export const useStore = <Value>(store: Readable<Value>): Value => {
  const [, render] = useState({})
  const snapshot = store.getSnapshot()
  useLayoutEffect(() => {
    const change = () => render({})
    const stop = store.subscribe(change)
    // What changed between rendering and here.
    if (store.getSnapshot() !== snapshot) change()
    return stop
  }, [store])
  return snapshot
}

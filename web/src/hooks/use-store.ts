import { useLayoutEffect, useState } from 'preact/hooks'
import { onNextFrame } from '../lib/frame.js'
import type { Readable } from '../lib/store.js'

/** The newest snapshot, at most once a frame however often it changes. */
export const useStore = <Value>(store: Readable<Value>): Value => {
  const [, render] = useState({})
  const snapshot = store.getSnapshot()
  useLayoutEffect(() => {
    let cancel: (() => void) | undefined
    const change = () => {
      cancel ??= onNextFrame(() => {
        cancel = undefined
        render({})
      })
    }
    const stop = store.subscribe(change)
    // What changed between rendering and here.
    if (store.getSnapshot() !== snapshot) change()
    return () => {
      stop()
      cancel?.()
    }
  }, [store])
  return snapshot
}

import type { HyphaNode } from '../../src/index.js'
import { sharedNow } from './child.js'

/** When a key arrives, by the clock that processes share. Ask before it is put. */
export const arrivalOf = (node: HyphaNode, key: string): Promise<number> =>
  new Promise((resolve) => {
    const stop = node.watch(key, (change) => {
      if (change.key !== key) return
      stop()
      resolve(sharedNow())
    })
  })

/** Resolves when it holds; looked at whenever the node changes. */
export const until = (node: HyphaNode, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (!holds()) return
      stop()
      resolve()
    }
    const stop = node.subscribe(look)
    look()
  })

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits))

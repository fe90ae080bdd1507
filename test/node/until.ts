import type { HyphaNode, NodeEvents, NodeState } from '../../src/index.js'

/** Resolves when `check` holds; looks whenever the node changes, never by a clock. */
export const until = <T>(node: HyphaNode, check: () => T | undefined | false): Promise<T> =>
  new Promise((resolve, reject) => {
    const look = () => {
      try {
        const found = check()
        if (!found) return
        stop()
        resolve(found)
      } catch (error) {
        stop()
        reject(error)
      }
    }
    const stop = node.subscribe(look)
    look()
  })

export const reached = (node: HyphaNode, state: NodeState) => until(node, () => node.state === state)

export const next = <Name extends keyof NodeEvents>(node: HyphaNode, name: Name): Promise<NodeEvents[Name]> =>
  new Promise((resolve) => {
    const stop = node.on(name, (payload) => {
      stop()
      resolve(payload)
    })
  })

/** The value of a key, once it has arrived. */
export const arrived = async (node: HyphaNode, key: string): Promise<unknown> => {
  const value = await node.get(key)
  if (value !== undefined) return value
  return new Promise((resolve) => {
    const stop = node.watch(key, (change) => {
      if (change.key !== key || change.deleted) return
      stop()
      resolve(change.value)
    })
    // It may have come in between.
    node.get(key).then((late) => {
      if (late === undefined) return
      stop()
      resolve(late)
    })
  })
}

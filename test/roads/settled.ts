import type { HyphaNode } from '../../src/index.js'

/** Resolves when `holds` does; looks when one of the nodes changes. Rejects with what `say` gives after so many milliseconds. */
export const settled = (
  nodes: readonly HyphaNode[],
  holds: () => boolean | Promise<boolean>,
  { within, say }: { within: number; say: () => string | Promise<string> },
): Promise<void> =>
  new Promise((resolve, reject) => {
    let isLooking = false
    let isStale = false
    let isOver = false
    const stops: (() => void)[] = []
    const finish = (end: () => void) => {
      isOver = true
      clearTimeout(timer)
      for (const stop of stops) stop()
      end()
    }
    const look = async () => {
      isStale = true
      if (isLooking) return
      isLooking = true
      try {
        while (isStale && !isOver) {
          isStale = false
          if ((await holds()) && !isOver) finish(resolve)
        }
      } catch (error) {
        finish(() => reject(error))
      }
      isLooking = false
    }
    const timer = setTimeout(() => {
      finish(() => Promise.resolve(say()).then((text) => reject(new Error(text)), reject))
    }, within)
    for (const node of nodes) stops.push(node.subscribe(look), node.watch('', look))
    void look()
  })

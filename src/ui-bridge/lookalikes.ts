import { nameSkeleton } from '../protocol/name-skeleton.js'
import { NAMELESS } from '../protocol/node-name.js'

interface Named {
  readonly writerKey: string
  readonly name?: string | undefined
}

/** Tells whose name another one equals, or looks like. @param nodes those that may write; the same array until they change */
export const createLookalikes = (nodes: () => readonly Named[]) => {
  let known: readonly Named[] | undefined
  let bySkeleton = new Map<string, string[]>()

  return () => {
    const now = nodes()
    if (now !== known) {
      known = now
      bySkeleton = new Map()
      for (const { writerKey, name = NAMELESS } of now) {
        const skeleton = nameSkeleton(name)
        bySkeleton.set(skeleton, [...(bySkeleton.get(skeleton) ?? []), writerKey])
      }
    }
    return {
      /** The writer key of another node that looks like this one. */
      of: (name: string, writerKey: string): string | undefined =>
        bySkeleton.get(nameSkeleton(name))?.find((other) => other !== writerKey),
    }
  }
}

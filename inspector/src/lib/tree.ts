import type { Picture, SeenActor } from './picture.js'

export interface TreeRow {
  readonly actor: SeenActor
  /** 1 for the outermost. */
  readonly level: number
  readonly hasChildren: boolean
  readonly isOpen: boolean
}

const MAX_LEVEL = 24

/** A node's actors as lines, each before its children. Children whose parent is unknown stand outermost. */
export const treeOf = (
  picture: Picture,
  { ended, closed }: { readonly ended: boolean; readonly closed: ReadonlySet<string> },
): TreeRow[] => {
  const children = new Map<string | undefined, SeenActor[]>()
  for (const actor of picture.values()) {
    if (!ended && actor.diedAt !== undefined) continue
    const parent = picture.get(actor.parentId ?? '')
    const key = parent && parent !== actor && (ended || parent.diedAt === undefined) ? parent.id : undefined
    const siblings = children.get(key)
    if (siblings) siblings.push(actor)
    else children.set(key, [actor])
  }
  const rows: TreeRow[] = []
  const visit = (parent: string | undefined, level: number) => {
    for (const actor of children.get(parent) ?? []) {
      const hasChildren = children.has(actor.id)
      const isOpen = hasChildren && !closed.has(actor.id)
      rows.push({ actor, level, hasChildren, isOpen })
      if (isOpen && level < MAX_LEVEL) visit(actor.id, level + 1)
    }
  }
  visit(undefined, 1)
  return rows
}

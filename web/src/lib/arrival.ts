import type { NodeSnapshot } from 'hypha-runtime'

/** Whether anything of the hypha is here yet: its first record says how much there is at all. */
export const hasArrived = ({ sync, nodes }: NodeSnapshot): boolean =>
  sync.complete || nodes.some(({ authorisedAt }) => authorisedAt > 0)

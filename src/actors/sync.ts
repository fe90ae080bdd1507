import type { Sync } from '../api.js'
import { syncProgress } from '../view/progress.js'
import type { Session } from './services.js'

/**
 * How far the replica has come. Every hypha holds at least its founding writer's own record: before that is here, nothing
 * is known of how much there is.
 */
export const syncOf = (session: Session | undefined): Sync => {
  const progress = syncProgress(session?.database.progress ?? [])
  const isKnown = session?.view.nodes()[0]?.authorisedAt !== undefined
  return isKnown ? progress : { ...progress, percent: 0, complete: false }
}

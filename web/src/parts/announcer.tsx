import { useStore } from '../hooks/use-store.js'
import { spoken } from '../lib/announcer.js'

/** Says aloud, to who can't see it, what changes by itself. */
export const Announcer = () => {
  const { text, number } = useStore(spoken)
  return (
    <div class="hidden-text" role="status" aria-live="polite">
      <span key={number}>{text}</span>
    </div>
  )
}

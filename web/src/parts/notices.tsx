import { useStore } from '../hooks/use-store.js'
import type { Explanation } from '../lib/explain.js'
import type { Session } from '../node.js'
import { CodeForm } from './code-form.js'
import { Icon } from './icon.js'
import { UNKNOWN_HYPHA } from './nothing-there.js'

const Notice = ({ notice, session }: { notice: Explanation; session: Session }) => (
  <li class="notice" data-code={notice.code}>
    <div class="notice-text">
      <h2>{notice.title}</h2>
      <p>{notice.text}</p>
      {notice.remedy === 'claimCode' && (
        <CodeForm road={session.road} refusal={notice.reason === 'code-wrong' ? notice : undefined} />
      )}
      {notice.remedy === 'retry' && (
        <button type="button" class="secondary" onClick={() => session.road.retry()}>
          Try again now
        </button>
      )}
      {notice.remedy === 'reload' && (
        <button type="button" class="secondary" onClick={() => location.reload()}>
          Reload this page
        </button>
      )}
    </div>
    <button
      type="button"
      class="icon-button"
      aria-label={`Dismiss: ${notice.title}`}
      onClick={() => session.notices.dismiss(notice.code)}
    >
      <Icon name="close" />
    </button>
  </li>
)

/** What went wrong lately, and what to do about each. */
export const Notices = ({ session }: { session: Session }) => {
  // Of a hypha that is unknown the page tells in the place where one would wait.
  const notices = useStore(session.notices).filter(({ code }) => code !== UNKNOWN_HYPHA)
  return (
    <div class="notices" aria-live="polite">
      {notices.length > 0 && (
        <ul aria-label="Notices">
          {notices.map((notice) => (
            <Notice key={notice.code} notice={notice} session={session} />
          ))}
        </ul>
      )}
    </div>
  )
}

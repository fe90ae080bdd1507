import type { Entry } from 'hypha-runtime'
import type { ComponentChildren } from 'preact'
import { useFocus } from '../hooks/use-focus.js'
import { useNow } from '../hooks/use-now.js'
import { previewOf } from '../lib/values.js'
import { Device } from './device.js'
import { Time } from './time.js'

/** Asks before something goes that whoever saves hasn't seen. */
export const Overwrite = ({
  name,
  isNew,
  theirs,
  isBusy,
  onSave,
  onLeave,
}: {
  name: string
  /** It was meant as a new entry. */
  isNew: boolean
  /** What is there; undefined if it was deleted meanwhile. */
  theirs: Entry | undefined
  isBusy: boolean
  onSave(): void
  onLeave(): void
}) => {
  const now = useNow()
  const question = useFocus<HTMLParagraphElement>()
  const key = <span class="entry-key">{name}</span>
  const by = theirs && (
    <>
      <Device writerKey={theirs.author} />, <Time at={theirs.time} now={now} />
    </>
  )
  const [text, save, leave]: [ComponentChildren, string, string] = isNew
    ? [
        <>
          {key} exists already, written by {by}. Replace it?
        </>,
        'Replace',
        'Keep writing',
      ]
    : theirs
      ? [
          <>
            {key} was changed meanwhile by {by}. Save yours all the same?
          </>,
          'Save anyway',
          'Take theirs',
        ]
      : [<>{key} was deleted meanwhile. Save yours all the same?</>, 'Save anyway', 'Leave it deleted']
  return (
    <section class="overwrite" aria-labelledby="overwrite-text">
      <p id="overwrite-text" tabIndex={-1} ref={question}>
        {text}
      </p>
      {theirs && <p class="entry-value">{previewOf(theirs.value).text}</p>}
      <div class="row">
        <button type="button" disabled={isBusy} onClick={onSave}>
          {isBusy ? 'Saving…' : save}
        </button>
        <button type="button" class="secondary" disabled={isBusy} onClick={onLeave}>
          {leave}
        </button>
      </div>
    </section>
  )
}

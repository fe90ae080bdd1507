import type { Entry, HyphaNode, JsonValue } from 'hypha-runtime'
import { useEffect, useRef, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { toTrouble } from '../lib/explain.js'
import { previewOf, toText } from '../lib/values.js'
import { Device } from './device.js'
import { Icon } from './icon.js'
import { Time } from './time.js'

/** Values that were written without having seen each other, the one that counts first; none when there is no conflict. */
const useConflict = (node: HyphaNode, entry: Entry): readonly JsonValue[] => {
  const [values, setValues] = useState<readonly JsonValue[]>([])
  useEffect(() => {
    let isCurrent = true
    node.getAll(entry.key).then(
      (all) => isCurrent && setValues(all.length > 1 ? all : []),
      () => {},
    )
    return () => {
      isCurrent = false
    }
  }, [node, entry])
  return values
}

export const EntryRow = ({
  node,
  entry,
  now,
  mayWrite,
  onEdit,
  onDeleted,
}: {
  node: HyphaNode
  entry: Entry
  now: number
  mayWrite: boolean
  onEdit(entry: Entry): void
  onDeleted(): void
}) => {
  const { key, value, time } = entry
  const [isOpen, setIsOpen] = useState(false)
  const [isDeleting, setIsDeleting] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const conflict = useConflict(node, entry)
  const keep = useRef<HTMLButtonElement>(null)
  const ask = useRef<HTMLButtonElement>(null)
  const wasDeleting = useRef(false)
  useEffect(() => {
    // One button goes and another comes: the keyboard goes along.
    if (isDeleting !== wasDeleting.current) (isDeleting ? keep : ask).current?.focus()
    wasDeleting.current = isDeleting
  }, [isDeleting])
  const { text, isCut } = previewOf(value)
  const remove = async () => {
    try {
      await node.del(key)
      say(`${key} deleted.`)
      onDeleted()
    } catch (error) {
      setTrouble(toTrouble(error).message)
      setIsDeleting(false)
    }
  }
  return (
    <li class="entry">
      <div class="entry-head">
        <h3 class="entry-key" tabIndex={-1}>
          {key}
        </h3>
        <span class="chip" data-public={entry.public}>
          <Icon name={entry.public ? 'public' : 'private'} />
          {entry.public ? 'Public' : 'Private'}
        </span>
      </div>
      <div class="entry-value" data-format={typeof value === 'string' ? 'text' : 'json'}>
        {isOpen ? toText(value) : text}
      </div>
      {isCut && (
        <button type="button" class="link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Show less' : 'Show all'}
        </button>
      )}
      {conflict.length > 0 && (
        <details class="conflict">
          <summary>Two devices wrote this at the same time: {conflict.length} versions</summary>
          <p class="hint">The first one counts, on every device. Edit and save to settle it.</p>
          <ol>
            {conflict.map((version, index) => (
              <li key={index} class="entry-value">
                {toText(version)}
              </li>
            ))}
          </ol>
        </details>
      )}
      <div class="entry-foot">
        <p class="hint">
          <Device writerKey={entry.author} /> · <Time at={time} now={now} />
        </p>
        {mayWrite &&
          (isDeleting ? (
            <fieldset class="row tight">
              <legend class="hidden-text">Delete {key}?</legend>
              <button type="button" class="danger small" onClick={() => void remove()}>
                Delete it everywhere
              </button>
              <button type="button" class="secondary small" ref={keep} onClick={() => setIsDeleting(false)}>
                Keep
              </button>
            </fieldset>
          ) : (
            <div class="row tight">
              <button type="button" class="link" aria-label={`Edit ${key}`} onClick={() => onEdit(entry)}>
                Edit
              </button>
              <button
                type="button"
                class="link"
                aria-label={`Delete ${key}`}
                ref={ask}
                onClick={() => setIsDeleting(true)}
              >
                Delete
              </button>
            </div>
          ))}
      </div>
      <p class="field-error" role="alert">
        {trouble}
      </p>
    </li>
  )
}

import type { Entry, HyphaNode, KnownNode } from 'hypha-runtime'
import { useMemo, useState } from 'preact/hooks'
import { useEntries } from '../hooks/use-entries.js'
import { useNow } from '../hooks/use-now.js'
import { toText } from '../lib/values.js'
import { EntryForm } from './entry-form.js'
import { EntryRow } from './entry-row.js'

/** Rows at a time: thousands of entries don't freeze the page, and the filter finds the rest. */
const PAGE = 50

/** What the filter looks through, made once an entry. */
const haystacks = new WeakMap<Entry, string>()
const haystackOf = (entry: Entry): string => {
  const known = haystacks.get(entry)
  if (known !== undefined) return known
  const made = `${entry.key}\n${toText(entry.value)}`.toLowerCase()
  haystacks.set(entry, made)
  return made
}

export const Entries = ({
  node,
  nodes,
  mayWrite,
  isSynced,
}: {
  node: HyphaNode
  nodes: readonly KnownNode[]
  mayWrite: boolean
  isSynced: boolean
}) => {
  const { entries, isLoaded } = useEntries(node)
  const now = useNow()
  const [filter, setFilter] = useState('')
  const [shown, setShown] = useState(PAGE)
  const [edited, setEdited] = useState<Entry>()
  const wanted = filter.trim().toLowerCase()
  const found = useMemo(
    () => (wanted === '' ? entries : entries.filter((entry) => haystackOf(entry).includes(wanted))),
    [entries, wanted],
  )
  const names = useMemo(() => new Map(nodes.map(({ writerKey, name }) => [writerKey, name])), [nodes])
  const page = found.slice(0, shown)

  return (
    <section class="entries" aria-labelledby="entries-title">
      {mayWrite ? (
        <EntryForm key={edited?.key ?? ''} node={node} edited={edited} onDone={() => setEdited(undefined)} />
      ) : (
        <p class="card hint">Writing waits until this device is authorised. Reading works already.</p>
      )}
      <div class="entries-head">
        <h2 id="entries-title">Entries</h2>
        <p class="hint" aria-live="polite">
          {found.length === entries.length
            ? `${entries.length.toLocaleString('en')}`
            : `${found.length.toLocaleString('en')} of ${entries.length.toLocaleString('en')}`}
        </p>
        <div class="filter">
          <label class="hidden-text" for="filter">
            Filter entries
          </label>
          <input
            id="filter"
            type="search"
            placeholder="Filter"
            autocomplete="off"
            value={filter}
            onInput={({ currentTarget }) => {
              setFilter(currentTarget.value)
              setShown(PAGE)
            }}
          />
        </div>
      </div>
      {page.length === 0 && (
        <p class="empty">
          {wanted !== ''
            ? `Nothing here has “${filter.trim()}” in it.`
            : !isLoaded || !isSynced
              ? 'Nothing has arrived yet.'
              : mayWrite
                ? 'Nothing is written yet. What you write above shows on all of your devices.'
                : 'Nothing is written yet.'}
        </p>
      )}
      <ul class="entry-list" aria-labelledby="entries-title">
        {page.map((entry) => (
          <EntryRow
            key={entry.key}
            node={node}
            entry={entry}
            author={names.get(entry.author) ?? 'a device not known yet'}
            now={now}
            mayWrite={mayWrite}
            onEdit={setEdited}
          />
        ))}
      </ul>
      {found.length > page.length && (
        <button type="button" class="secondary wide" onClick={() => setShown(shown + PAGE * 2)}>
          Show more ({(found.length - page.length).toLocaleString('en')} left)
        </button>
      )}
    </section>
  )
}

import type { Entry } from 'hypha-runtime'
import type { HyphaStore } from 'hypha-runtime/store'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useNow } from '../hooks/use-now.js'
import { useStore } from '../hooks/use-store.js'
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
  store,
  whyNot,
  isSynced,
}: {
  store: HyphaStore
  /** Why nothing can be written here; undefined where it can. */
  whyNot: ComponentChildren
  isSynced: boolean
}) => {
  const mayWrite = whyNot === undefined
  const { node } = store
  const { entries, isLoaded } = useStore(store.entries())
  const now = useNow()
  const [filter, setFilter] = useState('')
  const [shown, setShown] = useState(PAGE)
  const [edited, setEdited] = useState<Entry>()
  const wanted = filter.trim().toLowerCase()
  const found = useMemo(
    () => (wanted === '' ? entries : entries.filter((entry) => haystackOf(entry).includes(wanted))),
    [entries, wanted],
  )
  const page = found.slice(0, shown)
  const heading = useRef<HTMLHeadingElement>(null)
  const list = useRef<HTMLUListElement>(null)

  /** Where the keyboard goes on once what it was on is gone. */
  const focusEntry = (key: string | undefined) => {
    const titles = [...(list.current?.querySelectorAll('h3') ?? [])]
    const title = titles.find(({ textContent }) => textContent === key) ?? heading.current
    title?.focus()
  }
  const [goTo, setGoTo] = useState<{ key: string | undefined }>()
  useEffect(() => {
    if (goTo) focusEntry(goTo.key)
  }, [goTo])

  return (
    <section class="entries" aria-labelledby="entries-title">
      {mayWrite ? (
        <EntryForm
          key={edited?.key ?? ''}
          node={node}
          edited={edited}
          onDone={(key) => {
            if (!edited) return
            setEdited(undefined)
            setGoTo({ key })
          }}
        />
      ) : (
        <p class="card hint">{whyNot}</p>
      )}
      <div class="entries-head">
        <h2 id="entries-title" tabIndex={-1} ref={heading}>
          Entries
        </h2>
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
      <ul class="entry-list" aria-labelledby="entries-title" ref={list}>
        {page.map((entry, index) => (
          <EntryRow
            key={entry.key}
            node={node}
            entry={entry}
            now={now}
            mayWrite={mayWrite}
            onEdit={setEdited}
            onDeleted={() => focusEntry((page[index + 1] ?? page[index - 1])?.key)}
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

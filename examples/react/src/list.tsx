import type { Entry, JsonValue } from 'hypha-runtime'
import { useEntries, useHypha } from 'hypha-runtime/react'
import { type FormEvent, memo, useId, useState } from 'react'

const PREFIX = 'list/'

interface Item {
  readonly text: string
  readonly isDone: boolean
}

/** Whatever another version of this app wrote, it must not break this one. */
const readItem = (value: JsonValue): Item => {
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  const { text, isDone } = fields as { readonly [name: string]: JsonValue }
  return { text: typeof text === 'string' ? text : '(not a line of this list)', isDone: isDone === true }
}

/** In the order of adding, and no two the same. */
const newKey = () =>
  `${PREFIX}${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`

export const List = ({ mayWrite }: { mayWrite: boolean }) => {
  const { node } = useHypha()
  const { entries, isLoaded } = useEntries(PREFIX)
  const [text, setText] = useState('')
  const id = useId()
  const add = (event: FormEvent) => {
    event.preventDefault()
    const line = text.trim()
    if (line === '') return
    setText('')
    void node.put(newKey(), { text: line, isDone: false })
  }
  return (
    <section className="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>What we need</h2>
      {mayWrite && (
        <form className="row" onSubmit={add}>
          <label htmlFor={id} className="hidden-text">
            Something to add
          </label>
          <input
            id={id}
            value={text}
            maxLength={200}
            autoComplete="off"
            placeholder="Bread, oats, …"
            onChange={({ target }) => setText(target.value)}
          />
          <button type="submit">Add</button>
        </form>
      )}
      {entries.length === 0 && <p className="soft">{isLoaded ? 'Nothing yet.' : 'Loading …'}</p>}
      <ul className="list">
        {entries.map((entry) => (
          <Line key={entry.key} entry={entry} mayWrite={mayWrite} />
        ))}
      </ul>
    </section>
  )
}

/** An entry that nobody changed is the same object as before: with `memo` only the line that changed renders. */
const Line = memo(({ entry, mayWrite }: { entry: Entry; mayWrite: boolean }) => {
  const { node } = useHypha()
  const { text, isDone } = readItem(entry.value)
  return (
    <li>
      <label data-done={isDone}>
        <input
          type="checkbox"
          checked={isDone}
          disabled={!mayWrite}
          onChange={({ target }) => void node.put(entry.key, { text, isDone: target.checked })}
        />
        <span>{text}</span>
      </label>
      {mayWrite && (
        <button
          type="button"
          className="quiet small"
          aria-label={`Remove ${text}`}
          onClick={() => void node.del(entry.key)}
        >
          ×
        </button>
      )}
    </li>
  )
})

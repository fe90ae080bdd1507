import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clean } from '../lib/words.js'
import { Icon } from './icon.js'

const MAX_CHILDREN = 200
const MAX_TEXT = 400

type Entries = readonly (readonly [string, unknown])[]

const entriesOf = (value: unknown): Entries | undefined => {
  if (Array.isArray(value)) return value.map((each, index) => [String(index), each] as const)
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined
}

const brief = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? '[ ]' : `[ ${value.length} ]`
  const names = Object.keys(value as object)
  return names.length === 0
    ? '{ }'
    : `{ ${names.slice(0, 3).map(clean).join(', ')}${names.length > 3 ? ', …' : ''} }`
}

const Leaf = ({ value }: { value: unknown }): JSX.Element => {
  if (typeof value !== 'string') return <span class={`json-${typeof value}`}>{String(value)}</span>
  const text = value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
  return <span class="json-string">{`“${text.replace(/[\p{Cc}\p{Cf}]/gu, '·')}”`}</span>
}

const Branch = ({ name, value, depth }: { name: string; value: unknown; depth: number }): JSX.Element => {
  const entries = entriesOf(value)
  const [isOpen, setOpen] = useState(depth < 2 && (entries?.length ?? 0) <= 12)
  const [limit, setLimit] = useState(MAX_CHILDREN)
  if (!entries || entries.length === 0) {
    return (
      <li>
        <span class="json-name">{clean(name)}</span>
        {entries ? <span class="json-brief">{brief(value)}</span> : <Leaf value={value} />}
      </li>
    )
  }
  return (
    <li>
      <button type="button" class="json-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="caret" />
        <span class="json-name">{clean(name)}</span>
        <span class="json-brief">{brief(value)}</span>
      </button>
      {isOpen && (
        <ul>
          {entries.slice(0, limit).map(([key, each]) => (
            <Branch key={key} name={key} value={each} depth={depth + 1} />
          ))}
          {entries.length > limit && (
            <li>
              <button type="button" class="link" onClick={() => setLimit(limit + MAX_CHILDREN)}>
                {entries.length - limit} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  )
}

/** Plain data that folds; only ever text, whatever it holds. */
export const JsonTree = ({ label, value }: { label: string; value: unknown }): JSX.Element => {
  const entries = entriesOf(value)
  if (entries === undefined) {
    return (
      <p class="json">
        <Leaf value={value} />
      </p>
    )
  }
  if (entries.length === 0) return <p class="hint">Empty.</p>
  return (
    <ul class="json" aria-label={label}>
      {entries.slice(0, MAX_CHILDREN).map(([name, each]) => (
        <Branch key={name} name={name} value={each} depth={1} />
      ))}
    </ul>
  )
}

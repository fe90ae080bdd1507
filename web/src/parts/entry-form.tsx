import type { Entry, HyphaNode } from 'hypha-runtime'
import { useEffect, useRef, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { type EntryTroubles, entryTroubles, isSameEntry, readEntry } from '../lib/entry.js'
import { type Format, formatOf, parseValue, toText } from '../lib/values.js'
import { describe, Field, FieldError } from './field.js'
import { Overwrite } from './overwrite.js'

/** Writes an entry, or changes one. What was written meanwhile it doesn't replace unasked. */
export const EntryForm = ({
  node,
  edited,
  onDone,
}: {
  node: HyphaNode
  edited: Entry | undefined
  onDone(saved?: string): void
}) => {
  const [key, setKey] = useState(edited?.key ?? '')
  const [text, setText] = useState(edited ? toText(edited.value) : '')
  const [format, setFormat] = useState<Format>(edited ? formatOf(edited.value) : 'text')
  const [isPublic, setIsPublic] = useState(edited?.public ?? false)
  const [errors, setErrors] = useState<EntryTroubles>({})
  const [isBusy, setIsBusy] = useState(false)
  /** What was there when it was asked about; `theirs` is undefined for what is gone. */
  const [question, setQuestion] = useState<{ theirs: Entry | undefined }>()
  /** What is there as far as whoever writes has seen. */
  const [seen, setSeen] = useState(edited)
  const keyField = useRef<HTMLInputElement>(null)
  const valueField = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    if (!edited) return
    valueField.current?.focus()
    valueField.current?.scrollIntoView({ block: 'center' })
  }, [])

  const show = ({ value, public: isShared }: Entry) => {
    setText(toText(value))
    setFormat(formatOf(value))
    setIsPublic(isShared)
  }
  const fail = (found: EntryTroubles) => {
    setErrors(found)
    ;(found.key ? keyField : valueField).current?.focus()
  }
  const save = async (expected: Entry | undefined) => {
    const name = key.trim()
    if (name === '') return fail({ key: 'Give it a name, like notes/shopping.' })
    setIsBusy(true)
    try {
      const value = parseValue(text, format)
      const theirs = await readEntry(node, name)
      if (isSameEntry(theirs, expected)) {
        await node.put(name, value, { public: isPublic })
        say(`${name} saved.`)
        setErrors({})
        setQuestion(undefined)
        if (!edited) {
          setKey('')
          setText('')
          // What is public is chosen each time.
          setIsPublic(false)
          keyField.current?.focus()
        }
        onDone(name)
      } else setQuestion({ theirs })
    } catch (error) {
      fail(entryTroubles(error, name))
    }
    setIsBusy(false)
  }
  const leave = () => {
    setQuestion(undefined)
    if (!edited) return keyField.current?.focus()
    if (!question?.theirs) return onDone()
    show(question.theirs)
    setSeen(question.theirs)
    valueField.current?.focus()
  }

  return (
    <form
      class="card entry-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isBusy) void save(seen)
      }}
      aria-labelledby="form-title"
    >
      <h2 id="form-title">{edited ? `Edit ${edited.key}` : 'Write something'}</h2>
      <Field
        id="entry-key"
        label="Name"
        placeholder="notes/shopping"
        inputRef={keyField}
        value={key}
        readOnly={edited !== undefined}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        error={errors.key}
        onInput={({ currentTarget }) => {
          setKey(currentTarget.value)
          setQuestion(undefined)
        }}
      />
      <div class="field">
        <div class="label-row">
          <label for="entry-value">{format === 'text' ? 'Text' : 'JSON'}</label>
          <fieldset class="switch">
            <legend class="hidden-text">How it is written</legend>
            {(['text', 'json'] as const).map((one) => (
              <label key={one}>
                <input
                  type="radio"
                  name="format"
                  value={one}
                  checked={format === one}
                  onChange={() => setFormat(one)}
                />
                <span>{one === 'text' ? 'Text' : 'JSON'}</span>
              </label>
            ))}
          </fieldset>
        </div>
        <textarea
          id="entry-value"
          ref={valueField}
          rows={3}
          value={text}
          data-format={format}
          spellcheck={format === 'text'}
          {...describe('entry-value', { error: errors.value })}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <FieldError id="entry-value" error={errors.value} />
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={isPublic}
          onChange={({ currentTarget }) => setIsPublic(currentTarget.checked)}
        />
        <span>
          Public <span class="hint">– the server and whoever has your hypha’s link can read it</span>
        </span>
      </label>
      {question ? (
        <Overwrite
          name={key.trim()}
          isNew={!edited}
          theirs={question.theirs}
          isBusy={isBusy}
          onSave={() => void save(question.theirs)}
          onLeave={leave}
        />
      ) : (
        <div class="row">
          <button type="submit" disabled={isBusy}>
            {isBusy ? 'Saving…' : 'Save'}
          </button>
          {edited && (
            <button type="button" class="secondary" onClick={() => onDone(edited.key)}>
              Cancel
            </button>
          )}
        </div>
      )}
    </form>
  )
}

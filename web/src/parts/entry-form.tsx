import type { Entry, HyphaNode } from 'hypha-runtime'
import { useEffect, useRef, useState } from 'preact/hooks'
import { say } from '../lib/announcer.js'
import { toTrouble } from '../lib/explain.js'
import { type Format, formatOf, parseValue, toText } from '../lib/values.js'
import { describe, Field, FieldError } from './field.js'

type Errors = { readonly key?: string; readonly value?: string }

const errorOf = (error: unknown): Errors => {
  const { code, message } = toTrouble(error)
  return code === 'KEY_INVALID' ? { key: message } : { value: message }
}

/** Writes an entry, or changes one. */
export const EntryForm = ({
  node,
  edited,
  onDone,
}: {
  node: HyphaNode
  edited: Entry | undefined
  onDone(): void
}) => {
  const [key, setKey] = useState(edited?.key ?? '')
  const [text, setText] = useState(edited ? toText(edited.value) : '')
  const [format, setFormat] = useState<Format>(edited ? formatOf(edited.value) : 'text')
  const [isPublic, setIsPublic] = useState(edited?.public ?? false)
  const [errors, setErrors] = useState<Errors>({})
  const [isBusy, setIsBusy] = useState(false)
  const keyField = useRef<HTMLInputElement>(null)
  const valueField = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    if (!edited) return
    valueField.current?.focus()
    valueField.current?.scrollIntoView({ block: 'center' })
  }, [])

  const fail = (found: Errors) => {
    setErrors(found)
    ;(found.key ? keyField : valueField).current?.focus()
  }
  const save = async (event: Event) => {
    event.preventDefault()
    if (key.trim() === '') return fail({ key: 'Give it a name, like notes/shopping.' })
    setIsBusy(true)
    try {
      await node.put(key.trim(), parseValue(text, format), { public: isPublic })
      say(`${key.trim()} saved.`)
      setErrors({})
      if (!edited) {
        setKey('')
        setText('')
        // What is public is chosen each time.
        setIsPublic(false)
        keyField.current?.focus()
      }
      onDone()
    } catch (error) {
      fail(errorOf(error))
    }
    setIsBusy(false)
  }

  return (
    <form class="card entry-form" onSubmit={save} aria-labelledby="form-title">
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
        onInput={({ currentTarget }) => setKey(currentTarget.value)}
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
      <div class="row">
        <button type="submit" disabled={isBusy}>
          {isBusy ? 'Saving…' : 'Save'}
        </button>
        {edited && (
          <button type="button" class="secondary" onClick={onDone}>
            Cancel
          </button>
        )}
      </div>
    </form>
  )
}
